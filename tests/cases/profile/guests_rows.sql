INSERT INTO guests
SELECT n, 'Ann' || CASE WHEN n % 10 = 0 THEN 7 ELSE n % 300 END || '@example.org', n % 60,
       CASE WHEN n % 10 = 3 THEN 'Bonn' ELSE 'Köln ' || n % 5 END, 'word' || n % 8 || CASE n % 100 WHEN 1 THEN ' rare' ELSE '' END
  FROM generate_series(1, 10000) AS n;
INSERT INTO visits
SELECT 'ANN' || n % 300 || '@example.org',
       CASE WHEN n % 10 = 0 THEN 'empty'::daterange
            ELSE daterange('2026-01-01'::date + n % 180, '2026-01-01'::date + n % 180 + 1 + n % 6) END,
       CASE WHEN n % 3 > 0 THEN int4multirange(int4range(n % 100, n % 100 + 5), int4range(200, 210)) END
  FROM generate_series(1, 10000) AS n;
VACUUM ANALYZE guests, visits

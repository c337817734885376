-- Values as text that any major reads in the same way, and names with their schemas, until the transaction ends.
SELECT pg_catalog.set_config(s.name, s.value, true)
  FROM (VALUES ('datestyle', 'ISO'),
               ('intervalstyle', 'postgres'),
               ('timezone', 'UTC'),
               ('extra_float_digits', '3'),
               ('bytea_output', 'hex'),
               ('search_path', 'pg_catalog')) AS s (name, value);

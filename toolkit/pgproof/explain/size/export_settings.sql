-- Values as text that any major reads in the same way, until the transaction ends.
SELECT pg_catalog.set_config(s.name, s.value, true)
  FROM (VALUES ('datestyle', 'ISO'),
               ('intervalstyle', 'postgres'),
               ('timezone', 'UTC'),
               ('extra_float_digits', '3'),
               ('bytea_output', 'hex')) AS s (name, value);

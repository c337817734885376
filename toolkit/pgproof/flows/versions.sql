-- The extensions that a server can make, the version that each has where nobody asks for one, and all that it may have.
SELECT e.name::pg_catalog.text, e.default_version, pg_catalog.array_agg(v.version)
  FROM pg_catalog.pg_available_extensions AS e
  JOIN pg_catalog.pg_available_extension_versions AS v ON v.name = e.name
 GROUP BY e.name, e.default_version;

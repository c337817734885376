-- Takes the text of a file as it is now for the one that was applied, if that one is still the one that was compared.
UPDATE pgproof.history
   SET text = %(text)s,
       checksum = %(checksum)s,
       algorithm = %(algorithm)s,
       name = %(name)s
 WHERE version = %(version)s
   AND schema = %(schema)s
   AND state = 'applied'
   AND checksum = %(before)s
RETURNING id;

-- name: get_user^
-- record_class: User
-- Gets one user.
select * from users where id = :id and tag ? 'x' and at > now() - interval '1 day' -- :not_here
  and note <> ':nor here ?' and parts[1:2] = parts[:lo] and parts[a:b] is null and x::text = :x

-- name: touch-user!
update users set seen = %(now)s, n = n+:id where id=:id and data @> '{"a": "?"}';
-- name: add_user(name, mail)<!
insert into users (name, mail, extra) values (?, ?, ?);
-- name: load#
create index users_mail on users (mail);
-- name: sum_of$
select sum(n) from users where n=?and m in (%s, %s) limit ?

-- name: make_tables#
CREATE TABLE IF NOT EXISTS a (id integer);
CREATE INDEX IF NOT EXISTS a_id ON a (id);

-- expect: DOC102 posts.editor_id
-- expect: DOC102 posts.user_id
-- expect: DOC102 shares.reader_id
-- expect: DOC102 shares.user_id
-- All tables use UUIDs as primary keys, and foreign keys are indexed. Foreign keys: a note on their name and id.
-- foreign key owner_id -> users(id); shares.reader_id is a foreign key to the id of users
CREATE TABLE users (id uuid PRIMARY KEY, name text, note text);
-- Each post has a foreign key to users (id), its body and title.
CREATE TABLE posts (
    id uuid PRIMARY KEY,
    user_id uuid,
    reader_id uuid,
    owner_id uuid REFERENCES users, -- FK to users.id
    editor_id uuid, -- FK to users.id
    -- logical foreign key
    shop_id uuid,
    -- foreign key (not enforced)
    store_id uuid,
    -- acts as a foreign key, in spirit
    mall_id uuid,
    body text,
    title text
);
-- A share has a foreign key (user_id) to users.
CREATE TABLE shares (id uuid PRIMARY KEY, user_id uuid, reader_id uuid);
-- Follows have a soft foreign key to users.
CREATE TABLE follows (id uuid PRIMARY KEY, user_id uuid);

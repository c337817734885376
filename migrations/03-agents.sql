-- Agents: who executes jobs. 07-jobs refers to them.

-- migrate:up
CREATE TABLE agents (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),

    -- What people call the agent
    name TEXT NOT NULL,
    CONSTRAINT agents_name_key UNIQUE (name),
    CONSTRAINT agents_name_chk CHECK (name <> ''),

    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- migrate:down
DROP TABLE agents;

-- Who may sit at the console. Secrets of a sitting or a link are kept as SHA-256 only.

CREATE TABLE users (
    id UUID NOT NULL PRIMARY KEY,
    -- In lower case.
    email TEXT NOT NULL UNIQUE CHECK (email <> ''),
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    -- Argon2id with its parameters and salt (PHC text); NULL until the first is chosen.
    password TEXT,
    -- Whether someone may make companies.
    founder BOOLEAN NOT NULL,
    -- The shared secret of the second factor, and one that waits for its first code.
    totp_secret BYTEA,
    totp_pending BYTEA,
    -- The newest time step whose code was taken: no code is taken twice.
    totp_used_step BIGINT,
    created_at BIGINT NOT NULL
);

-- Codes for whoever lost the second factor.
CREATE TABLE recovery_codes (
    user_id UUID NOT NULL REFERENCES users (id),
    digest BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, digest)
);

CREATE TABLE memberships (
    company_id UUID NOT NULL REFERENCES companies (id),
    user_id UUID NOT NULL REFERENCES users (id),
    role TEXT NOT NULL CHECK (role IN ('admin', 'manager', 'collector', 'auditor')),
    since BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (company_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);

CREATE TABLE sessions (
    id UUID NOT NULL PRIMARY KEY,
    token_digest BYTEA NOT NULL UNIQUE,
    user_id UUID NOT NULL REFERENCES users (id),
    opened_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    from_address TEXT NOT NULL,
    agent TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, id);

-- Failed sign-ins of one subject: the digest of an e-mail or of a client's address.
CREATE TABLE sign_in_failures (
    subject BYTEA NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    locked_until BIGINT
);

-- Links that are good once: the first administrator, an invitation, a new password.
CREATE TABLE user_links (
    digest BYTEA NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('first_admin', 'invitation', 'reset')),
    email TEXT,
    company_id UUID REFERENCES companies (id),
    role TEXT,
    author TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    CHECK ((company_id IS NULL) = (role IS NULL))
);
CREATE INDEX user_links_by_company ON user_links (company_id, made_at);
CREATE INDEX user_links_by_email ON user_links (email);

-- Who saw what and did what; `events` say what it changed.
CREATE TABLE access_log (
    company_id UUID NOT NULL REFERENCES companies (id),
    id UUID NOT NULL,
    author TEXT NOT NULL,
    action TEXT NOT NULL,
    entity UUID,
    -- What it was called then: a customer's key, a file's name, a page.
    detail TEXT NOT NULL,
    from_address TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX access_log_by_author ON access_log (company_id, author, id);
CREATE INDEX access_log_by_action ON access_log (company_id, action, id);
CREATE INDEX access_log_by_entity ON access_log (company_id, entity, id);

-- Values published by others (an index, a reference rate, an exchange), as somebody put them in.
-- Append-only: of two values of one series and day the one recorded last counts. The value is
-- decimal text, exact on both engines.
CREATE TABLE rates (
    company_id UUID NOT NULL,
    series TEXT NOT NULL CHECK (length(series) BETWEEN 1 AND 24),
    on_date DATE NOT NULL,
    id UUID NOT NULL,
    value TEXT NOT NULL,
    source TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company_id, series, on_date, id)
);

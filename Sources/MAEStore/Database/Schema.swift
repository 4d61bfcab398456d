import GRDB

/// The tables, by the migrations that make them.
///
/// A migration that was released is never changed: what comes later is a migration of its own, in plain SQL, whatever the rows
/// look like by then.
enum Schema {
    /// The number of the newest schema: what `mae-coord --version` says.
    ///
    /// Schemas 1 to 3 were used while the first release was made, and belong to no release.
    static var version: Int { 3 + migrator.migrations.count }

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration(first) { database in
            try database.execute(sql: "PRAGMA application_id = \(Store.applicationID)")
            try database.execute(sql: tables)
        }
        migrator.registerMigration("5 checksums") { database in
            // What was stored before has none.
            for table in ["results", "runs", "shards", "judgements"] {
                try database.execute(sql: "ALTER TABLE \(table) ADD COLUMN checksum INTEGER")
            }
            // No report and no command ever read them.
            try database.execute(sql: "DROP TABLE failed_grants")
        }
        migrator.registerMigration("6 checksums and machines of nodes") { database in
            for table in ["nodes", "drains"] {
                try database.execute(sql: "ALTER TABLE \(table) ADD COLUMN checksum INTEGER")
            }
            // What nodes tell of their machines, as a document.
            try database.execute(sql: "ALTER TABLE nodes ADD COLUMN machine TEXT")
        }
        return migrator
    }

    /// Whether the database has no tables yet.
    static func isEmpty(_ database: Database) throws -> Bool {
        // A crash while the store was made may leave only what GRDB keeps for itself.
        let tables = try Int.fetchOne(
            database,
            sql: "SELECT count(*) FROM sqlite_master WHERE name NOT GLOB 'grdb_*' AND name NOT GLOB 'sqlite_*'")
        return tables == 0
    }

    /// Whether the database has tables that no release made: those of a schema before the first.
    static func isUnreleased(_ database: Database) throws -> Bool {
        try !isEmpty(database) && !migrator.appliedIdentifiers(database).contains(first)
    }

    private static let first = "4 the first release"

    /// The tables of the first release.
    ///
    /// Times are seconds since 1970; 64-bit numbers keep their bits. Of a result, `digests` are those of input, noise, mask, order,
    /// layernorm, returned layernorm and pooled, 32 bytes each; tensors are little-endian fp32; what many results have in common is in
    /// `contexts`. The columns of a node from `state` on tell how it is doing. `plan`, `content` and `details` are documents.
    private static let tables = """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            started REAL NOT NULL,
            alive REAL,
            starts INTEGER NOT NULL,
            plan BLOB NOT NULL
        );
        CREATE INDEX runs_by_start ON runs (started);

        CREATE TABLE nodes (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
            name TEXT NOT NULL,
            host TEXT NOT NULL,
            backend TEXT NOT NULL,
            device TEXT NOT NULL,
            isa TEXT NOT NULL,
            threads INTEGER NOT NULL,
            numeric_class TEXT NOT NULL,
            class_reason TEXT,
            engine_build TEXT NOT NULL,
            state TEXT,
            cause TEXT,
            heard REAL,
            jobs INTEGER,
            method TEXT,
            batch INTEGER,
            UNIQUE (run, name)
        );

        CREATE TABLE shards (
            run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
            shard INTEGER NOT NULL,
            method TEXT NOT NULL,
            batch INTEGER NOT NULL,
            placement TEXT NOT NULL,
            PRIMARY KEY (run, shard)
        ) WITHOUT ROWID;

        CREATE TABLE failed_grants (
            run INTEGER NOT NULL,
            lease INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            shard INTEGER NOT NULL,
            node INTEGER NOT NULL REFERENCES nodes ON DELETE CASCADE,
            ended REAL NOT NULL,
            outcome TEXT NOT NULL,
            cause TEXT NOT NULL,
            PRIMARY KEY (run, lease, epoch),
            FOREIGN KEY (run, shard) REFERENCES shards ON DELETE CASCADE
        ) WITHOUT ROWID;

        CREATE TABLE contexts (
            id INTEGER PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE,
            content BLOB NOT NULL
        );

        CREATE TABLE manifests (
            digest TEXT PRIMARY KEY,
            content BLOB NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE results (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL,
            shard INTEGER NOT NULL,
            node INTEGER NOT NULL REFERENCES nodes ON DELETE CASCADE,
            context INTEGER NOT NULL REFERENCES contexts,
            batch INTEGER NOT NULL,
            seed INTEGER NOT NULL,
            received REAL NOT NULL,
            digests BLOB NOT NULL,
            load_seconds REAL,
            input_seconds REAL,
            forward_seconds REAL,
            pooled_shape TEXT NOT NULL,
            pooled BLOB NOT NULL,
            layernorm_shape TEXT,
            layernorm_file TEXT,
            manifest TEXT REFERENCES manifests,
            details BLOB,
            UNIQUE (run, shard, node),
            FOREIGN KEY (run, shard) REFERENCES shards ON DELETE CASCADE
        );

        CREATE TABLE judgements (
            run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
            ended REAL NOT NULL,
            verdict TEXT NOT NULL,
            exit_code INTEGER NOT NULL,
            findings INTEGER NOT NULL,
            content BLOB NOT NULL
        );

        CREATE TABLE drains (
            node TEXT PRIMARY KEY,
            since REAL NOT NULL
        ) WITHOUT ROWID;
        """
}

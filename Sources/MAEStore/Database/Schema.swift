import GRDB

/// The tables, by the migrations that make them.
///
/// A migration that was released is never changed: what comes later is a migration of its own.
enum Schema {
    /// How many migrations there are: what `mae-coord --version` calls the schema of the store.
    static var version: Int { migrator.migrations.count }

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 runs and results") { database in
            try database.execute(sql: "PRAGMA application_id = \(Store.applicationID)")
            try database.execute(sql: version1)
        }
        migrator.registerMigration("2 results by context") { database in
            try database.execute(sql: version2)
            try OldResults.move(database)
            try database.execute(sql: "DROP TABLE old_results; DROP TABLE leases;")
        }
        migrator.registerMigration("3 nodes by state") { try $0.execute(sql: version3) }
        return migrator
    }

    /// Times are seconds since 1970; digests are 64 hexadecimal digits; 64-bit numbers keep their bits.
    private static let version1 = """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            seed INTEGER NOT NULL,
            batches INTEGER NOT NULL,
            batch_size INTEGER NOT NULL,
            workers INTEGER NOT NULL,
            started REAL NOT NULL,
            ended REAL,
            verdict TEXT,
            exit_code INTEGER,
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
            engine_build TEXT NOT NULL,
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

        CREATE TABLE leases (
            run INTEGER NOT NULL,
            lease INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            shard INTEGER NOT NULL,
            node INTEGER NOT NULL REFERENCES nodes ON DELETE CASCADE,
            granted REAL NOT NULL,
            ended REAL,
            outcome TEXT,
            cause TEXT,
            PRIMARY KEY (run, lease, epoch),
            FOREIGN KEY (run, shard) REFERENCES shards ON DELETE CASCADE
        ) WITHOUT ROWID;

        CREATE TABLE manifests (
            digest TEXT PRIMARY KEY,
            content BLOB NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE results (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL,
            shard INTEGER NOT NULL,
            node INTEGER NOT NULL REFERENCES nodes ON DELETE CASCADE,
            method TEXT NOT NULL,
            batch INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            received REAL NOT NULL,
            weights_sha256 TEXT NOT NULL,
            input_sha256 TEXT NOT NULL,
            mask_sha256 TEXT NOT NULL,
            layernorm_sha256 TEXT NOT NULL,
            pooled_sha256 TEXT NOT NULL,
            load_seconds REAL,
            forward_seconds REAL,
            pooled_shape TEXT NOT NULL,
            pooled BLOB NOT NULL,
            layernorm_shape TEXT,
            layernorm_file TEXT,
            manifest TEXT REFERENCES manifests,
            observation BLOB NOT NULL,
            UNIQUE (run, shard, node),
            FOREIGN KEY (run, shard) REFERENCES shards ON DELETE CASCADE
        );

        CREATE TABLE comparisons (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
            batch INTEGER NOT NULL,
            left_node TEXT NOT NULL,
            left_method TEXT NOT NULL,
            right_node TEXT NOT NULL,
            right_method TEXT NOT NULL,
            relation TEXT NOT NULL,
            stage TEXT,
            maximum REAL
        );
        CREATE INDEX comparisons_by_run ON comparisons (run);

        CREATE TABLE findings (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
            code TEXT NOT NULL,
            severity TEXT NOT NULL,
            text TEXT NOT NULL,
            node TEXT,
            method TEXT,
            batch INTEGER
        );
        CREATE INDEX findings_by_run ON findings (run);
        """

    /// A result costs one row: what many have in common is stored once, and grants that went well are told by results alone.
    ///
    /// `digests` are those of input, noise, mask, order, layernorm, returned layernorm and pooled.
    private static let version2 = """
        ALTER TABLE runs ADD COLUMN starts INTEGER NOT NULL DEFAULT 1;

        CREATE TABLE contexts (
            id INTEGER PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE,
            content BLOB NOT NULL
        );

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
        INSERT INTO failed_grants
            SELECT run, lease, epoch, shard, node, ended, outcome, coalesce(cause, '') FROM leases
            WHERE outcome IN ('revoked', 'set-aside');

        ALTER TABLE results RENAME TO old_results;
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
        """

    /// How nodes are doing, and which are to be given no more jobs; `alive` is when a coordinator last said that it works on
    /// the run.
    private static let version3 = """
        ALTER TABLE runs ADD COLUMN alive REAL;
        ALTER TABLE nodes ADD COLUMN class_reason TEXT;
        ALTER TABLE nodes ADD COLUMN state TEXT;
        ALTER TABLE nodes ADD COLUMN cause TEXT;
        ALTER TABLE nodes ADD COLUMN heard REAL;
        ALTER TABLE nodes ADD COLUMN jobs INTEGER;
        ALTER TABLE nodes ADD COLUMN method TEXT;
        ALTER TABLE nodes ADD COLUMN batch INTEGER;

        CREATE TABLE drains (
            node TEXT PRIMARY KEY,
            since REAL NOT NULL
        ) WITHOUT ROWID;
        """
}

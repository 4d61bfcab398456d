import Logging
import MAEDomain
import MAEWire

extension Logger.Metadata {
    /// What a line of the log is about: a grant.
    static func about(_ lease: Lease) -> Logger.Metadata {
        ["lease": "\(lease.id.rawValue)", "epoch": "\(lease.epoch.rawValue)"]
    }

    /// What a line of the log is about: a job with its run, shard and grant.
    static func about(_ job: JobRequest) -> Logger.Metadata {
        [
            "run": "\(job.run)", "shard": "\(job.shard)", "lease": "\(job.lease.id.rawValue)",
            "epoch": "\(job.lease.epoch.rawValue)",
        ]
    }
}

import Foundation
import MAECoordinator
import MAEReport
import MAEStore
import MAEVerify

extension RunMetrics {
    /// The metrics of `verify --metrics`; docs/operations.md lists them.
    var families: [MetricFamily] { runFamilies + workFamilies + transferFamilies }

    private var runFamilies: [MetricFamily] {
        let states = NodeStatus.State.allCases.map { ($0.rawValue, Double(nodes[$0] ?? 0)) }
        return [
            MetricFamily(.gauge, "mae_run_info", "Names the run.", by: "run", [run: 1]),
            MetricFamily(.gauge, "mae_run_active", "1 while the run goes on, 0 after its end.", isActive ? 1 : 0),
            MetricFamily(.gauge, "mae_run_age_seconds", "Time since this coordinator began.", age),
            MetricFamily(
                .gauge, "mae_nodes", "Nodes in each state.", by: "state",
                Dictionary(uniqueKeysWithValues: states)),
            MetricFamily(
                .counter, "mae_node_results_total", "Results that a node has handed in.", by: "node",
                nodeResults.mapValues(Double.init)),
            MetricFamily(
                .counter, "mae_nodes_lost_total", "How often a node was lost, by cause.", by: "cause",
                nodesLost.mapValues(Double.init)),
            MetricFamily(
                .counter, "mae_hellos_refused_total", "Workers that were refused, by reason.", by: "reason",
                hellosRefused.mapValues(Double.init)),
            MetricFamily(
                .counter, "mae_messages_unreadable_total", "Messages that could not be read.",
                Double(messagesUnreadable)),
        ]
    }

    private var workFamilies: [MetricFamily] {
        [
            MetricFamily(.gauge, "mae_shards", "Shards of the run, re-runs included.", Double(shards)),
            MetricFamily(
                .gauge, "mae_shards_done", "Shards with a result from each node that was to run them.",
                Double(shardsDone)),
            MetricFamily(
                .gauge, "mae_shards_set_aside", "Shards that some node, or all nodes, have given up.",
                Double(shardsSetAside)),
            MetricFamily(
                .gauge, "mae_results", "Results that there are, those of earlier coordinators included.",
                Double(results)),
            MetricFamily(.gauge, "mae_results_wanted", "Results that there are to be.", Double(resultsWanted)),
            MetricFamily(
                .counter, "mae_results_stored_total", "Results that were made durable.", Double(resultsStored)),
            MetricFamily(
                .counter, "mae_results_refused_total", "Results that were refused, by reason.", by: "reason",
                resultsRefused.mapValues(Double.init)),
            MetricFamily(.counter, "mae_grants_total", "Jobs that were handed out.", Double(grants)),
            MetricFamily(
                .counter, "mae_grants_repeated_total", "Jobs handed out that had been handed out before.",
                Double(repeatedGrants)),
            MetricFamily(
                .counter, "mae_grants_spare_total", "Jobs handed to one more node because one was slow.",
                Double(spares)),
            MetricFamily(
                .counter, "mae_grants_failed_total", "Jobs that ended without a result, by cause.", by: "cause",
                failedGrants.mapValues(Double.init)),
        ]
    }

    private var transferFamilies: [MetricFamily] {
        let waiting = Queue.allCases.map { ($0.rawValue, Double(queues[$0] ?? 0)) }
        return [
            MetricFamily(
                .counter, "mae_checkpoint_sent_bytes_total", "Bytes of checkpoints that were sent to workers.",
                Double(checkpointBytesSent)),
            MetricFamily(
                histogram: "mae_store_commit_seconds", "How long the store took for each transaction.",
                bounds: commits.bounds, cumulative: commits.cumulative, count: commits.count, sum: commits.sum),
            MetricFamily(
                .gauge, "mae_queue_length", "What waits, by queue.", by: "queue",
                Dictionary(uniqueKeysWithValues: waiting)),
        ]
    }
}

extension RunEnding {
    /// What the run that was judged last came to.
    ///
    /// These are there while a run goes on and after one was cut off, so that an alarm is
    /// never silent for lack of them.
    var families: [MetricFamily] {
        let verdicts = Verdict.Outcome.allCases.map { ($0.rawValue, $0.rawValue == verdict ? 1.0 : 0.0) }
        return [
            MetricFamily(
                .gauge, "mae_last_verdict",
                "1 for the verdict of the run of this store that was judged last, 0 for the others.", by: "verdict",
                Dictionary(uniqueKeysWithValues: verdicts)),
            MetricFamily(
                .gauge, "mae_last_judged_timestamp_seconds", "When that run was judged, in Unix time.",
                time.timeIntervalSince1970),
        ]
    }
}

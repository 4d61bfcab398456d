import Logging
import MAECoordinator
import MAEStore
import MAETensor
import MAEText
import MAEVerify
import ZeroMQ

/// The results of a run, and how the computing of them ended.
struct ComputedResults {
    let outcome: RunOutcome
    /// Nodes that were expected and never came.
    let absent: [AbsentNode]
    /// What the nodes observed.
    let results: RunResults
    /// The batch that was drawn by lot for the referee; nil where all results are judged one by one, and any of them may be drawn.
    let drawnBatch: Int?
}

/// The part of a run in which workers compute: coordinator, workers of this machine, and what there is to say meanwhile.
struct ResultComputation {
    let plan: RunPlan
    let isResumed: Bool
    let options: VerificationOptions
    let store: Store
    let log: Logger

    /// Computes what is missing, until the coordinator ends the run.
    func run(
        offering content: ContentOffer, noise: Tensor?, until signals: SignalWatch,
        _ tell: @escaping (VerificationEvent) -> Void
    ) throws -> ComputedResults {
        let local = try options.localWorkers.map { try LocalWorkers($0) }
        defer { local?.end() }
        guard let endpoint = options.endpoint ?? local?.privateEndpoint else {
            throw CoordinatorError(
                .badPlan, "no endpoint was named, and no workers are started here that would need none")
        }
        let keys = options.keys.folder(for: endpoint)
        var settings = CoordinatorOptions(endpoint: endpoint, timeout: options.timeout)
        settings.keys = keys
        if let keys, let local { settings.extraKeys = try local.drawKeys(apartFrom: keys) }
        settings.endpointFile = options.endpointFile
        settings.advertisedHost = options.advertisedHost
        settings.content = content
        settings.noise = noise
        let context = try Context()
        let coordinator =
            try isResumed
            ? Coordinator(resuming: plan, options: settings, store: store, context: context, log: log)
            : Coordinator(plan, options: settings, store: store, context: context, log: log)
        let invitesWorkers = plan.workers > local?.count ?? 0
        var notice = WaitingNotice(
            invitesWorkers
                ? WorkerInvitation(
                    keys: keys, isDefaultEndpoint: options.isDefaultEndpoint,
                    advertisedHost: options.advertisedHost, taken: local?.nodeNames ?? []) : nil,
            store: options.store)
        var latest: RunProgress?
        /// Says that workers are waited for, when it is time.
        func tellOfWaiting() {
            switch latest.flatMap({ notice.notice($0, now: .now) }) {
            case .note(let text)?: tell(.note(text))
            case .warning(let text)?: tell(.warning(text))
            case nil: break
            }
        }
        let outcome = try coordinator.run(
            signals: signals,
            observer: { progress in
                latest = progress
                tellOfWaiting()
                tell(.progress(progress))
            },
            onTurn: {
                tell(.alive)
                tellOfWaiting()
                guard let local else { return }
                for failure in local.newFailures() { tell(.warning(failure)) }
                if local.isInVain(latest, expected: plan.workers) { coordinator.stop(.workersEnded) }
            },
            metrics: { tell(.metrics($0)) },
            followUp: { round, stored in
                FollowUp.questions(
                    round, stored.whole.filter { !plan.isFresh($0.batch.index) }, tolerance: plan.tolerance)
            },
            whenListening: { endpoint in
                tell(.listening(endpoint: endpoint))
                guard let local else { return }
                tell(.note(local.description))
                // Names of workers of this machine are the same in each run, and so an order for one holds for all of them.
                let drained = Set(try store.drainOrders().map(\.node)).intersection(local.nodeNames)
                for name in drained.sorted(by: NaturalOrder.precedes) {
                    tell(
                        .warning(
                            "\(name) was told to drain before this run, and gets no work; to let it work: "
                                + WaitingNotice.undrain(name, store: options.store)))
                }
                try local.start(
                    connectingTo: endpoint, coordinatorKey: keys?.coordinatorKeys().publicKey,
                    reading: plan.modelFolders)
            })
        tell(.stepEnded)
        local?.end()
        let absent = AbsentNodes(expected: options.expectedNodes, keys: keys, store: store).find(
            in: plan.run, workers: plan.workers, present: Set(outcome.summary.nodes.map(\.node.name)))
        // What was read when re-runs were asked for is not read again.
        var results = try store.runResults(of: plan.run)
        // Drawn once all results are in, so that no node can have known it.
        let isDrawn = results.counted != nil && options.isRefereed && !outcome.isInterrupted
        let drawnBatch = isDrawn ? Int.random(in: 0..<plan.batches) : nil
        if let drawnBatch { results = try store.runResults(of: plan.run, requiring: [drawnBatch]) }
        return ComputedResults(outcome: outcome, absent: absent, results: results, drawnBatch: drawnBatch)
    }
}

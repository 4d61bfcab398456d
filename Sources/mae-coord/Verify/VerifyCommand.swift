import ArgumentParser
import Foundation
import Logging
import MAECommand
import MAEContent
import MAECoordinator
import MAEEngine
import MAEExplain
import MAEKeys
import MAEReport
import MAEStore
import MAETensor
import MAEText
import MAEVerify
import MAEWire
import ZeroMQ

/// `mae-coord verify`: one run over a cluster, with a verdict.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Run batches on every worker by every loading method and judge whether all outputs agree.",
        discussion: """
            Waits for --workers nodes (mae-worker --connect ENDPOINT), or starts --local of them itself, gives each of them \
            every batch by every method (with --replicas, each batch to some of them), and compares weights, inputs, masks and \
            layer norm outputs: bit for bit inside one numeric class, within --atol and --rtol across classes. Prints a matrix, \
            a verdict and findings.

            Workers on other machines need keys: mae-coord keys makes them. An endpoint that other machines can reach uses \
            them always, a loopback address or a socket file with --secure.

            Example, on one machine:
              mae-coord verify --local 2 --method pretrained=vit-mae-base --method full=model.pth \
            --method state-dict=weights.pth --config vit-mae-base

            Example, with workers that are started elsewhere:
              mae-coord verify --bind tcp://127.0.0.1:5555 --workers 2 --method full=model.pth

            Exit codes: 0 everything agrees, 1 disagreement, 2 incomplete, 3 nothing was compared.
            """)

    @Option(
        name: .customLong("bind"),
        help: ArgumentHelp(
            "Endpoint to listen at; * takes a free port. (default: \(Self.usualEndpoint); with --local, a socket file that "
                + "only its workers reach)", valueName: "endpoint"))
    var givenEndpoint: String?

    @Option(
        name: .customLong("workers"),
        help: ArgumentHelp(
            "Nodes that are expected. (default: \(Self.usualWorkers), or those of --local)", valueName: "n"))
    var givenWorkers: Int?

    @Option(
        help: ArgumentHelp(
            "Names of the nodes that are expected, with commas between them: the report says which of them never came. When left "
                + "out, those that have keys, or took part in the last run of as many nodes.", valueName: "names"))
    var expect: String?

    @OptionGroup(title: "Workers of this machine") var localOptions: LocalOptions

    @Option(
        help: ArgumentHelp(
            "Give each batch to so many of the nodes, by every method, such that every two nodes share a batch when "
                + "there are enough; left out, every node runs every batch.", valueName: "k"))
    var replicas: Int?

    @OptionGroup(title: "Keys") var keyOptions: VerifyKeyOptions
    @OptionGroup(title: "What is verified") var planOptions: VerifyPlanOptions
    @OptionGroup(title: "Reports") var reportOptions: VerifyReportOptions

    @Option(help: ArgumentHelp("Folder in which runs and results are kept.", valueName: "dir"))
    var store = "mae-store"

    @Option(help: ArgumentHelp("End the run after this time, whatever is missing then.", valueName: "seconds"))
    var timeout = 3600.0

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("Name of the run; made from the time when left out.", valueName: "name"))
    var givenName: String?

    @Option(help: ArgumentHelp("Carry on a run of the store: only what is missing is computed.", valueName: "run"))
    var resume: String?

    @Option(help: ArgumentHelp("Write the endpoint here once workers can connect.", valueName: "file"))
    var endpointFile: String?

    @Flag(help: "Show nothing of the run's progress: only warnings, errors and the report.")
    var quiet = false

    @OptionGroup var health: HealthArguments
    @OptionGroup var logging: LogArguments

    private static let usualEndpoint = "tcp://127.0.0.1:5555"
    private static let usualWorkers = 2
    var workers: Int {
        givenWorkers ?? (expect == nil ? localOptions.local : expectedNames.count) ?? Self.usualWorkers
    }
    private var expectedNames: [String] {
        expect?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty } ?? []
    }

    func validate() throws {
        guard (1...1024).contains(workers) else { throw ValidationError("--workers \(workers): from 1 to 1024.") }
        if let fault = givenEndpoint.flatMap({ Endpoint.fault(of: $0, toListen: true) }) {
            throw ValidationError("--bind \(givenEndpoint ?? ""): \(fault)")
        }
        if let expect, Set(expectedNames).count != expectedNames.count || expectedNames.isEmpty {
            throw ValidationError("--expect \(expect): names of nodes, each once, with commas between them.")
        }
        if workers < expectedNames.count {
            throw ValidationError("--workers \(workers): at least the \(expectedNames.count) that --expect names.")
        }
        if let local = localOptions.local, workers < local {
            throw ValidationError("--workers \(workers): at least the \(local) that --local starts.")
        }
        if let local = localOptions.local, workers > local, givenEndpoint == nil {
            throw ValidationError(
                "--workers \(workers): --local starts \(local), and nothing else can connect without --bind; give --workers "
                    + "\(local), --local \(workers), or --bind \(Self.usualEndpoint) and start \(workers - local) more."
            )
        }
        if let replicas {
            guard (2...max(workers, 2)).contains(replicas) else {
                throw ValidationError("--replicas \(replicas): from 2 to the \(workers) of --workers.")
            }
            // How many batches images make is known once they are read.
            if resume == nil, planOptions.images == nil || planOptions.givenBatches != nil {
                try requireWork(batches: planOptions.batches)
            }
        }
        guard timeout > 0, timeout <= 1e7 else {
            throw ValidationError("--timeout \(NumberText.short(timeout)): above 0 seconds, and at most 1e7.")
        }
        guard resume != nil || !planOptions.methods.isEmpty else {
            throw ValidationError("Nothing to verify: give --method pretrained=DIR, full=FILE or state-dict=FILE.")
        }
        guard givenName != "" else { throw ValidationError("--run: a run has a name of at least one letter.") }
        guard resume != "" else { throw ValidationError("--resume: name a run; mae-coord runs lists them.") }
        guard resume == nil || (planOptions.methods.isEmpty && givenName == nil && replicas == nil) else {
            throw ValidationError("--resume carries on what was planned: leave out --method, --replicas and --run.")
        }
    }

    func run() throws {
        // Before any thread is started, so that all of them inherit that signals are caught.
        let signals = try SignalWatch()
        DescriptorLimit.raise()
        let log = Logger(command: "mae-coord", level: try logging.level(usually: .notice))
        let reports = VerifyReports(files: reportOptions.files)
        try InputProtection(inputs: planOptions.inputs).check(outputs)
        try reports.probe(and: [reportOptions.metrics])
        let store = try Store(directory: store)
        let metrics = reportOptions.metrics.map { MetricsFile($0, log: log) }
        let progress = ProgressLine(quietPeriod: .milliseconds(500), isQuiet: quiet)
        let (judgement, outcome, failure) = try health.during { renew in
            let judge = try carryOut(store, log, signals, progress, renew, metrics)
            var verification = try judge.verification(renew: renew)
            // The verdict is kept before anything that only adds to the report.
            var judgement = Judgement(verification, details: try details(judge, masks: []))
            _ = record(judgement, in: store)
            if let draws = judge.sequentialDraws(verification, renew: renew) { verification.add(draws) }
            let masks = judge.masks(verification, renew: renew)
            judgement = Judgement(verification, details: try details(judge, masks: masks))
            return (judgement, judge.outcome, record(judgement, in: store))
        }
        // What is left takes moments; a signal ends it as it ends any program.
        signals.release()
        let verification = judgement.verification
        var errors = reports.write(judgement)
        metrics?.write(verification)
        if let failure { errors.append(failure) }
        let run = verification.comparison.plan.run
        if let words = outcome.ending.words, !outcome.summary.isComplete {
            progress.note("\(words): carry on with --resume \(run)")
        }
        for error in errors { StandardError.complain("mae-coord", "\(error)") }
        // Whoever asks what the verdict is hears it, whatever else went wrong.
        let verdict = verification.verdict.outcome
        if verdict != .agree { throw ExitCode(verdict.exitCode) }
        if let error = errors.first { throw ExitCode(CommandExit.code(for: error) ?? CommandExit.internalError) }
    }

    /// The files that are written, by their options.
    var outputs: [(option: String, path: String?)] {
        reportOptions.outputs + [("--health", health.health), ("--endpoint-file", endpointFile)]
    }

    /// Begins or carries on a run, and hands it to its judge when it has ended.
    private func carryOut(
        _ store: Store, _ log: Logger, _ signals: SignalWatch, _ progress: ProgressLine, _ renew: () -> Void,
        _ metrics: MetricsFile?
    ) throws -> RunJudge {
        let (newPlan, images) = try plan(store)
        var plan = newPlan
        if let note = images?.folder.note { progress.note(note) }
        let noise = try noise(of: plan)
        let checkpoints = try checkpoints(of: plan, images, noise, store, progress, signals)
        if resume == nil {
            plan.checkpoints = checkpoints.files
        } else {
            try checkpoints.requireSame(as: plan)
        }
        let local = try localOptions.workers()
        defer { local?.end() }
        let endpoint = givenEndpoint.map(Endpoint.listening) ?? local?.privateEndpoint ?? Self.usualEndpoint
        let keys = keyOptions.folder(for: endpoint, store: self.store)
        var options = CoordinatorOptions(endpoint: endpoint, timeout: .seconds(timeout))
        options.keys = keys
        if let keys, let local { options.guests = try local.drawKeys(apartFrom: keys) }
        options.endpointFile = endpointFile
        options.content = checkpoints.offer
        options.noise = noise
        let coordinator = try coordinator(plan, options, store, log)
        let invitesWorkers = plan.workers > local?.count ?? 0
        let display = RunDisplay(progress, invitesWorkers ? WorkerInvitation(keys: keys) : nil)
        let outcome = try coordinator.run(
            signals: signals,
            observer: display.show,
            onTurn: {
                renew()
                display.renew()
                guard let local else { return }
                for failure in local.newFailures() { progress.warn(failure) }
                if local.isInVain(display.progress, expected: plan.workers) { coordinator.stop(.workersEnded) }
            }, metrics: metrics?.write,
            whenListening: { endpoint in
                guard let local else { return }
                progress.note(local.description)
                try local.start(connectingTo: endpoint, coordinatorKey: keys?.coordinatorKeys().publicKey)
            })
        progress.clear()
        local?.end()
        let absent = AbsentNodes(expected: expectedNames, keys: keys, store: store).find(
            in: plan.run, workers: plan.workers, present: Set(outcome.summary.nodes.map(\.node.name)))
        return RunJudge(
            plan: plan, outcome: outcome, absent: absent, noise: noise, store: store, signals: signals,
            progress: progress)
    }

    /// The noise in the file that the plan names; nil where noise is drawn.
    private func noise(of plan: RunPlan) throws -> Tensor? {
        guard plan.noise == .file else { return nil }
        // Runs of older versions did not keep the name.
        guard let file = plan.noiseFile ?? planOptions.noise.file else {
            throw CoordinatorError(
                .badPlan, "--resume \(plan.run): its noise is from a file; name that again with --noise file=F.npy")
        }
        return try Tensor(npy: file)
    }

    /// Reads the checkpoints of a run, after it was shown that they can be loaded by its methods.
    private func checkpoints(
        of plan: RunPlan, _ images: VerifyImages?, _ noise: Tensor?, _ store: Store, _ progress: ProgressLine,
        _ signals: SignalWatch
    ) throws -> PlannedCheckpoints {
        // A run that was begun without some files is carried on without them.
        let unknown = resume == nil ? [] : plan.pathsWithoutFiles
        let allowsMissing = { [filesOnWorkers = planOptions.filesOnWorkers] path in
            filesOnWorkers || unknown.contains(path)
        }
        let check = CheckpointCheck(
            allowsMissing: allowsMissing,
            noise: plan.noiseFile.flatMap { file in noise.map { (file, $0.shape) } },
            images: images?.folder, batchSize: plan.batchSize, configuration: planOptions.config)
        try check.requireConfiguration()
        try check.requireLoadable(plan.methods)
        let methods = NumberText.count(plan.methods.count, "loading method")
        progress.note("run \(plan.run): \(methods) on \(NumberText.count(plan.workers, "worker"))")
        let checkpoints = try PlannedCheckpoints.read(
            plan.methods, images: images?.folder, noise: plan.noiseFile,
            memory: DigestMemory(path: store.directory + "/digests.json"),
            progress,
            signals, allowsMissing: allowsMissing)
        for note in checkpoints.notes { progress.note("note: \(note)") }
        return checkpoints
    }

    /// What the report of the run says beyond its verification, as of now.
    private func details(_ judge: RunJudge, masks: [PatchGrid]) throws -> ReportDetails {
        let started = try judge.store.run(judge.plan.run).started
        var details = ReportDetails(
            versions: ["engine": Engine.build], startedAt: started.formatted(.iso8601),
            seconds: -started.timeIntervalSinceNow,
            drainedNodes: judge.outcome.summary.nodes.filter(\.isDraining).map(\.node.name))
        details.startedAtSeconds = started.timeIntervalSince1970
        details.command = ShellText.ownCommand
        details.masks = masks
        return details
    }

    /// Keeps the judgement, from which `mae-coord report` shows the run again; returns why that failed.
    private func record(_ judgement: Judgement, in store: Store) -> (any Error)? {
        do {
            try store.record(judgement, run: judgement.verification.comparison.plan.run, at: Date())
            return nil
        } catch {
            return error
        }
    }

    private func coordinator(
        _ plan: RunPlan, _ options: CoordinatorOptions, _ store: Store, _ log: Logger
    ) throws -> Coordinator {
        let context = try Context()
        if let resume {
            return try Coordinator(resuming: resume, options: options, store: store, context: context, log: log)
        }
        return try Coordinator(plan, options: options, store: store, context: context, log: log)
    }
}

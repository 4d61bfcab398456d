import ArgumentParser
import Foundation
import Logging
import MAEAlarms
import MAECommand
import MAECoordinator
import MAEEngine
import MAEReport
import MAERun
import MAEStore
import MAEText
import MAEVerify
import ZeroMQ

/// `mae-coord verify`: one run over a cluster, with a verdict.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Run batches on every worker by every loading method and judge whether all outputs agree.",
        discussion: """
            Waits for --workers nodes (mae-worker, on this machine and as this user), or starts --local of them itself, gives each of them \
            every batch by every method (with --replicas, each batch to some of them), and compares weights, inputs, masks and \
            layer norm outputs: bit for bit inside one numeric class, within --atol and --rtol across classes. Prints a matrix, \
            a verdict and findings.

            Workers on other machines need --bind and keys: mae-coord keys makes them. An endpoint that other machines can reach \
            uses them always, a loopback address or a socket file with --secure. Without keys, every account of this machine can \
            take part at a loopback address; a socket file is for this user alone.

            Example, on one machine:
              mae-coord verify --local 2 --method pretrained=vit-mae-base --method full=model.pth \
            --method state-dict=weights.pth --config vit-mae-base

            Example, with workers that are started in other shells (mae-worker --name left, mae-worker --name right):
              mae-coord verify --workers 2 --method full=model.pth

            Exit codes: 0 everything agrees, 1 disagreement, 2 incomplete, 3 nothing was compared.
            """)

    @Option(
        name: .customLong("bind"),
        help: ArgumentHelp(
            "Endpoint to listen at; * takes a free port. (default: a socket file of this user, where mae-worker without "
                + "--connect looks; with --local alone, one that only its workers reach)", valueName: "endpoint"))
    var givenEndpoint: String?

    @Option(
        help: ArgumentHelp(
            "The name or address by which other machines reach this one, for --endpoint-file and for the line that starts a "
                + "worker. (default: the address listened at; the host's name in that line)", valueName: "host"))
    var advertise: String?

    @Option(
        name: .customLong("workers"),
        help: ArgumentHelp(
            "Nodes that are expected. (default: \(Self.defaultWorkers), or those of --local)", valueName: "n"))
    var givenWorkers: Int?

    @Option(
        help: ArgumentHelp(
            "Names of the nodes that are expected, with commas between them: the report says which of them never came. When left "
                + "out, those that have keys, or took part in the last run of as many nodes.", valueName: "names"),
        completion: .nodeList)
    var expect: String?

    @OptionGroup(title: "Workers of this machine") var localOptions: LocalOptions

    @Option(
        help: ArgumentHelp(
            "Give each batch to so many of the nodes, by every method, such that every two nodes share a batch when "
                + "there are enough; left out, every node runs every batch.", valueName: "k"))
    var replicas: Int?

    @OptionGroup(title: "Keys") var keyOptions: VerifyKeyOptions
    @OptionGroup(title: "What is verified") var planOptions: VerifyPlanOptions
    @OptionGroup var fresh: FreshBatchOptions
    @OptionGroup var baselineOptions: BaselineOption
    @OptionGroup(title: "Reports") var reportOptions: VerifyReportOptions
    @OptionGroup(title: "Alarms") var alarmOptions: AlarmOptions
    @OptionGroup(title: "Pages over HTTP") var pageOptions: PageOptions

    @Option(help: ArgumentHelp("Folder in which runs and results are kept.", valueName: "dir"), completion: .directory)
    var store = StoreOption.defaultFolder

    @Option(help: ArgumentHelp("End the run after this time, whatever is missing then.", valueName: "seconds"))
    var timeout = Self.defaultTimeout

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("Name of the run; made from the time when left out.", valueName: "name"))
    var givenName: String?

    @Option(
        help: ArgumentHelp("Carry on a run of the store: only what is missing is computed.", valueName: "run"),
        completion: .runs)
    var resume: String?

    @Option(
        help: ArgumentHelp("Write the endpoint here once workers can connect.", valueName: "file"), completion: .file())
    var endpointFile: String?

    @Flag(help: "Show nothing of the run's progress: only warnings, errors and the report.")
    var quiet = false

    @OptionGroup var health: HealthArguments
    @OptionGroup var logging: LogArguments

    static let defaultTimeout = 3600.0
    private static let defaultWorkers = 2
    var workers: Int {
        givenWorkers ?? (expect == nil ? localOptions.local : expectedNames.count) ?? Self.defaultWorkers
    }
    var expectedNames: [String] {
        expect?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty } ?? []
    }

    func validate() throws {
        guard (1...1024).contains(workers) else { throw ValidationError("--workers \(workers): from 1 to 1024.") }
        try requireAdvertisable(try bindEndpoint())
        if let expect, Set(expectedNames).count != expectedNames.count || expectedNames.isEmpty {
            throw ValidationError("--expect \(expect): names of nodes, each once, with commas between them.")
        }
        if workers < expectedNames.count {
            throw ValidationError("--workers \(workers): at least the \(expectedNames.count) that --expect names.")
        }
        if let local = localOptions.local, workers < local {
            throw ValidationError("--workers \(workers): at least the \(local) that --local starts.")
        }
        if let replicas {
            guard (2...max(workers, 2)).contains(replicas) else {
                throw ValidationError("--replicas \(replicas): from 2 to the \(workers) of --workers.")
            }
            // How many batches images make is known once they are read.
            if resume == nil, planOptions.images == nil || planOptions.givenBatches != nil {
                try requireWork()
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

    /// Throws a `ValidationError` where --advertise names no host, or there is no port that it could be the host of.
    private func requireAdvertisable(_ endpoint: Endpoint?) throws {
        guard let advertise else { return }
        guard let endpoint, endpoint.isTCP else {
            throw ValidationError("--advertise is the host of a TCP endpoint: give --bind tcp://0.0.0.0:PORT too.")
        }
        do { _ = try Endpoint.advertised("tcp://0.0.0.0:1", as: advertise) } catch {
            throw ValidationError("--advertise \(advertise): \(error)")
        }
    }

    /// The endpoint of `--bind`; nil where it was left out.
    ///
    /// Throws a `ValidationError`.
    func bindEndpoint() throws -> Endpoint? {
        try givenEndpoint.map { try EndpointArgument.read($0, of: "--bind", for: .listening) }
    }

    func run() throws { try run(withoutAlarmFor: { _ in false }) }

    /// The same; `isExpected` says of which errors that kept the run from beginning the caller takes care, so that they are no alarm.
    func run(withoutAlarmFor isExpected: (any Error) -> Bool) throws {
        // Before any thread is started, so that all of them inherit that signals are caught.
        let signals = try SignalWatch()
        DescriptorLimit.raise()
        let log = Logger(command: "mae-coord", level: try logging.level(default: .notice))
        let alarms = try RunAlarms(alarmOptions, store: store, log: log) { signals.hasComeLate }
        alarms.begin()
        let display = RunDisplay(line: ProgressLine(quietPeriod: .milliseconds(500), isQuiet: quiet))
        let service: PageService?
        let result: (verification: Verification, errors: [any Error])
        do {
            service = try PageService(pageOptions, display.line)
            result = try verify(until: signals, display, service, alarms, log)
        } catch {
            signals.releaseAfterFirst()
            if isExpected(error) { alarms.abandon() } else { alarms.end(error) }
            throw error
        }
        for error in result.errors { StandardError.complain("mae-coord", "\(error)") }
        // A report that could not be written may be there from the run before.
        let files = result.errors.isEmpty ? reportOptions.files : nil
        alarms.end(result.verification, html: files?.html, json: files?.json)
        service?.linger(until: signals, display.line)
        // The exit code is that of the verdict, whatever else went wrong.
        let verdict = result.verification.verdict.outcome
        if verdict != .agree { throw ExitCode(verdict.exitCode) }
        if let error = result.errors.first { throw ExitCode(CommandExit.code(for: error) ?? CommandExit.internalError) }
    }

    /// Carries the run out and reports it; what is returned with its verification went wrong after that.
    ///
    /// The store is let go of at the end.
    private func verify(
        until signals: SignalWatch, _ display: RunDisplay, _ service: PageService?, _ alarms: RunAlarms, _ log: Logger
    ) throws -> (verification: Verification, errors: [any Error]) {
        if let series { alarms.identify(series, run: givenName) }
        let reports = VerifyReports(files: reportOptions.files, store: self.store)
        try InputProtection(inputs: inputs).check(outputs)
        try reports.probe(and: [reportOptions.metrics])
        let store = try Store(directory: store)
        let hasMetrics = reportOptions.metrics != nil || service != nil
        let metrics =
            hasMetrics
            ? MetricsFile(reportOptions.metrics, service?.pages, after: try store.lastEnding(), log: log) : nil
        let page = reportOptions.files.html.flatMap { LivePageFile($0, log: log, resumption: resumption) }
        let watch = RunWatch(display, page: page)
        let result = try watch.during {
            try health.during { renew in
                try tellingAllObstacles(in: store) {
                    let planned = try plannedRun(in: store)
                    alarms.identify(RunSeries(planned.plan), run: planned.plan.run, in: store)
                    let options = try runOptions(expecting: planned.plan.workers)
                    let run = VerificationRun(planned, options: options, store: store, log: log)
                    return try run.run(until: signals) { event in
                        switch event {
                        case .alive: renew()
                        case .metrics(let figures): metrics?.write(figures)
                        default: break
                        }
                        service?.pages.take(event)
                        watch.take(event)
                    }
                }
            }
        }
        // What is left takes moments, or as long as alarms do, and the verdict is told by the exit code: a signal hastens it, the next
        // one ends the program.
        signals.releaseAfterFirst()
        let verification = result.judgement.verification
        var errors = reports.write(result.judgement, service?.pages)
        metrics?.write(verification, ending: try? store.run(verification.comparison.plan.run).ending)
        if let failure = result.storeFailure { errors.append(failure) }
        if let words = result.outcome.ending.words, !result.outcome.summary.isComplete {
            let line = resumption(of: verification.comparison.plan.run)
            display.line.note("\(words): carry on with --resume, as in: \(line)")
        }
        return (verification, errors)
    }

    /// The files and folders that are read.
    var inputs: [String] { planOptions.inputs + [baselineOptions.baseline].compactMap(\.self) }

    /// The files that are written, by their options.
    var outputs: [(option: String, path: String?)] {
        reportOptions.outputs + [("--health", health.health), ("--endpoint-file", endpointFile)]
    }

    /// Throws a usage error when --replicas leaves some nodes without work.
    private func requireWork() throws(ValidationError) {
        let batches = RunPlan(
            run: "", seed: 0, batches: planOptions.batches + (fresh.count ?? 0), batchSize: 1, methods: [],
            workers: workers,
            replicas: replicas)
        if let fault = batches.faultOfReplicas { throw ValidationError(fault) }
    }
}

import CMAEWire
import CProtobufC

extension Hello {
    init(_ message: Mae__Hello) throws(WireError) {
        let limit = WireLimits.nameBytes
        name = try text(message.has_name, message.name, limit: limit, "hello.name")
        host = try text(message.has_host, message.host, limit: limit, "hello.host")
        pid = try required(message.has_pid, message.pid, "hello.pid")
        build = try text(message.has_build, message.build, limit: limit, "hello.build")
        backend = try text(message.has_backend, message.backend, limit: limit, "hello.backend")
        device = try text(message.has_device, message.device, limit: limit, "hello.device")
        isa = try text(message.has_isa, message.isa, limit: limit, "hello.isa")
        threads = try count(message.has_threads, message.threads, 1...WireLimits.threads, "hello.threads")
        numericClass = try text(message.has_numeric_class, message.numeric_class, limit: limit, "hello.numeric_class")
        // Added to the protocol later: not every worker says it.
        classReason =
            message.has_class_reason == 0
            ? "" : try text(message.class_reason, limit: WireLimits.textBytes, "hello.class_reason")
        try checkLimit(
            message.n_instruction_sets, WireLimits.instructionSets, "hello.instruction_sets", "entries")
        instructionSets = []
        for data in UnsafeBufferPointer(start: message.instruction_sets, count: message.n_instruction_sets) {
            instructionSets.append(try text(data, limit: limit, "hello.instruction_sets"))
        }
        knownAnswers = try list(
            message.n_known_answers, message.known_answers, limit: WireLimits.knownAnswers, "hello.known_answers"
        ) { entry throws(WireError) in try NamedDigest(entry, "hello.known_answers") }
        maximumJobs = try count(
            message.has_maximum_jobs, message.maximum_jobs, 1...WireLimits.leases, "hello.maximum_jobs")
        if name.isEmpty { throw WireError(.invalidField, "hello.name", "is empty; give the node a name") }
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Hello {
        let limit = WireLimits.nameBytes
        var message = Mae__Hello()
        mae__hello__init(&message)
        (message.has_name, message.name) = (1, try arena.text(name, limit: limit, "hello.name"))
        (message.has_host, message.host) = (1, try arena.text(host, limit: limit, "hello.host"))
        (message.has_pid, message.pid) = (1, pid)
        (message.has_build, message.build) = (1, try arena.text(build, limit: limit, "hello.build"))
        (message.has_backend, message.backend) = (1, try arena.text(backend, limit: limit, "hello.backend"))
        (message.has_device, message.device) = (1, try arena.text(device, limit: limit, "hello.device"))
        (message.has_isa, message.isa) = (1, try arena.text(isa, limit: limit, "hello.isa"))
        try checkLimit(threads, WireLimits.threads, "hello.threads", "threads")
        (message.has_threads, message.threads) = (1, UInt32(threads))
        message.numeric_class = try arena.text(numericClass, limit: limit, "hello.numeric_class")
        message.has_numeric_class = 1
        message.class_reason = try arena.text(classReason, limit: WireLimits.textBytes, "hello.class_reason")
        message.has_class_reason = 1
        try checkLimit(instructionSets.count, WireLimits.instructionSets, "hello.instruction_sets", "entries")
        var sets: [ProtobufCBinaryData] = []
        for set in instructionSets { sets.append(try arena.text(set, limit: limit, "hello.instruction_sets")) }
        (message.n_instruction_sets, message.instruction_sets) = (sets.count, arena.array(sets))
        (message.n_known_answers, message.known_answers) = try arena.list(
            knownAnswers, limit: WireLimits.knownAnswers, "hello.known_answers"
        ) { answer throws(WireError) in try answer.message(arena, "hello.known_answers") }
        try checkLimit(maximumJobs, WireLimits.leases, "hello.maximum_jobs", "jobs")
        (message.has_maximum_jobs, message.maximum_jobs) = (1, UInt32(maximumJobs))
        return message
    }
}

extension Welcome {
    init(_ message: Mae__Welcome) throws(WireError) {
        heartbeatInterval = try interval(
            message.has_heartbeat_milliseconds, message.heartbeat_milliseconds, "welcome.heartbeat_milliseconds")
        livenessTimeout = try interval(
            message.has_liveness_milliseconds, message.liveness_milliseconds, "welcome.liveness_milliseconds")
    }

    func message() -> Mae__Welcome {
        var message = Mae__Welcome()
        mae__welcome__init(&message)
        (message.has_heartbeat_milliseconds, message.heartbeat_milliseconds) = (1, heartbeatInterval.wireMilliseconds)
        (message.has_liveness_milliseconds, message.liveness_milliseconds) = (1, livenessTimeout.wireMilliseconds)
        return message
    }
}

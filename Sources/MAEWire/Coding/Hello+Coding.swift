import CMAEWire
import CProtobufC
import MAEDomain

extension Hello {
    init(_ message: Mae__Hello) throws(WireError) {
        node = try NodeIdentity(message)
        maximumJobs = try count(
            message.has_maximum_jobs, message.maximum_jobs, 1...WireLimits.leases, "hello.maximum_jobs")
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Hello {
        var message = Mae__Hello()
        mae__hello__init(&message)
        try node.write(to: &message, arena)
        try checkLimit(maximumJobs, WireLimits.leases, "hello.maximum_jobs", "jobs")
        (message.has_maximum_jobs, message.maximum_jobs) = (1, UInt32(maximumJobs))
        return message
    }
}

extension NodeIdentity {
    fileprivate init(_ message: Mae__Hello) throws(WireError) {
        let limit = WireLimits.nameBytes
        self.init(
            name: try text(message.has_name, message.name, limit: limit, "hello.name"),
            host: try text(message.has_host, message.host, limit: limit, "hello.host"),
            backend: try text(message.has_backend, message.backend, limit: limit, "hello.backend"),
            device: try text(message.has_device, message.device, limit: limit, "hello.device"),
            isa: try text(message.has_isa, message.isa, limit: limit, "hello.isa"),
            threads: try count(message.has_threads, message.threads, 1...WireLimits.threads, "hello.threads"),
            numericClass: try text(
                message.has_numeric_class, message.numeric_class, limit: limit, "hello.numeric_class"),
            engineBuild: try text(message.has_build, message.build, limit: limit, "hello.build"))
        if name.isEmpty { throw WireError(.invalidField, "hello.name", "is empty; give the node a name") }
        // Not every worker says it.
        if message.has_class_reason != 0 {
            let reason = try text(message.class_reason, limit: WireLimits.textBytes, "hello.class_reason")
            if !reason.isEmpty { classReason = reason }
        }
        machine = try MachineFacts(message)
    }

    fileprivate func write(to message: inout Mae__Hello, _ arena: EncodingArena) throws(WireError) {
        let limit = WireLimits.nameBytes
        (message.has_name, message.name) = (1, try arena.text(name, limit: limit, "hello.name"))
        (message.has_host, message.host) = (1, try arena.text(host, limit: limit, "hello.host"))
        (message.has_build, message.build) = (1, try arena.text(engineBuild, limit: limit, "hello.build"))
        (message.has_backend, message.backend) = (1, try arena.text(backend, limit: limit, "hello.backend"))
        (message.has_device, message.device) = (1, try arena.text(device, limit: limit, "hello.device"))
        (message.has_isa, message.isa) = (1, try arena.text(isa, limit: limit, "hello.isa"))
        try checkLimit(threads, WireLimits.threads, "hello.threads", "threads")
        (message.has_threads, message.threads) = (1, UInt32(threads))
        message.numeric_class = try arena.text(numericClass, limit: limit, "hello.numeric_class")
        message.has_numeric_class = 1
        if let classReason {
            message.class_reason = try arena.text(classReason, limit: WireLimits.textBytes, "hello.class_reason")
            message.has_class_reason = 1
        }
        if let machine {
            (message.n_machine, message.machine) = try arena.list(
                machine.facts, limit: MachineFacts.mostFacts, "hello.machine"
            ) { fact throws(WireError) in try fact.message(arena) }
        }
    }
}

extension MachineFacts {
    /// The facts of the message, without those of a name that this version doesn't know; nil where there is none at all.
    fileprivate init?(_ message: Mae__Hello) throws(WireError) {
        guard message.n_machine > 0 else { return nil }
        let facts = try list(message.n_machine, message.machine, limit: Self.mostFacts, "hello.machine") {
            entry throws(WireError) in
            Fact(
                name: try text(entry.has_name, entry.name, limit: Self.nameBytes, "hello.machine.name"),
                value: try text(entry.has_text, entry.text, limit: Self.valueBytes, "hello.machine.text"))
        }
        let known = facts.compactMap(\.self)
        guard !known.isEmpty else { return nil }
        self.init(known)
    }
}

extension MachineFacts.Fact {
    fileprivate func message(_ arena: EncodingArena) throws(WireError) -> Mae__NamedText {
        var message = Mae__NamedText()
        mae__named_text__init(&message)
        message.name = try arena.text(name, limit: MachineFacts.nameBytes, "hello.machine.name")
        message.text = try arena.text(value, limit: MachineFacts.valueBytes, "hello.machine.text")
        (message.has_name, message.has_text) = (1, 1)
        return message
    }
}

extension Welcome {
    init(_ message: Mae__Welcome) throws(WireError) {
        self.init(
            heartbeatInterval: try interval(
                message.has_heartbeat_milliseconds, message.heartbeat_milliseconds, "welcome.heartbeat_milliseconds"),
            silenceTimeout: try interval(
                message.has_liveness_milliseconds, message.liveness_milliseconds, "welcome.liveness_milliseconds"))
    }

    func message() -> Mae__Welcome {
        var message = Mae__Welcome()
        mae__welcome__init(&message)
        (message.has_heartbeat_milliseconds, message.heartbeat_milliseconds) = (1, heartbeatInterval.wireMilliseconds)
        (message.has_liveness_milliseconds, message.liveness_milliseconds) = (1, silenceTimeout.wireMilliseconds)
        return message
    }
}

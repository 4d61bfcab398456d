import MAEText

extension VerifyCommand {
    /// The command line that carries a run on as this one began it: what the plan does not keep is named again.
    func resumption(of run: String) -> String {
        var words = ["mae-coord", "verify", "--resume", run]
        func add(_ option: String, _ value: String?) { if let value { words += [option, value] } }
        add("--store", store == StoreOption.defaultFolder ? nil : store)
        add("--bind", givenEndpoint)
        add("--advertise", advertise)
        add("--local", localOptions.local.map { "\($0)" })
        add("--threads", localOptions.threads.map { "\($0)" })
        add(
            "--local-other", localOptions.otherKind == .automatic ? nil : localOptions.otherKind.defaultValueDescription
        )
        if keyOptions.secure { words.append("--secure") }
        add("--keys", keyOptions.keys)
        add("--expect", expect)
        add("--baseline", baselineOptions.baseline)
        if !planOptions.isRefereed { words.append("--no-referee") }
        if planOptions.filesOnWorkers { words.append("--files-on-workers") }
        add("--timeout", timeout == Self.defaultTimeout ? nil : NumberText.short(timeout))
        for (option, path) in outputs { add(option, path) }
        add("--on-change", alarmOptions.onChange)
        let line = words.map(ShellText.quoted).joined(separator: " ")
        // The address is a secret, and this line goes into logs.
        return alarmOptions.givenPing == nil ? line : line + " --ping \"$\(AlarmOptions.pingVariable)\""
    }
}

import MAECompute
import MAETensor

/// Which numeric class a device is in, in which form of fma, and why.
package struct DeviceClass: Sendable, Hashable {
    /// The form to compute with.
    package let form: FusedForm
    /// What keeps the device out of `canonical-v1`; nil for a member.
    package let fault: ProbeFindings.Fault?
    /// What each form that was tried and refused got wrong, for people.
    package let refusals: [String]

    /// Tries the forms in order and takes the first that answers everything rightly, else the first of all.
    ///
    /// - Parameters:
    ///   - forms: the forms that the device can run, the fastest first; not empty.
    ///   - ask: puts the questions to the device in one form.
    package init(
        trying forms: [FusedForm], ask: (FusedForm) throws(ComputeError) -> ProbeFindings
    ) throws(ComputeError) {
        var refusals: [String] = []
        var firstFault: ProbeFindings.Fault?
        for form in forms {
            let findings = try ask(form)
            guard let fault = findings.fault else {
                self.form = form
                self.fault = nil
                self.refusals = refusals
                return
            }
            firstFault = firstFault ?? fault
            refusals.append("the \(form.rawValue) form (\(findings.text))")
        }
        form = forms[0]
        fault = firstFault
        self.refusals = refusals
    }

    /// How the probe went, for people.
    package var evidence: String {
        let refused = refusals.joined(separator: ", ")
        guard fault == nil else { return "the probe fails in every form of fma that the device can run: \(refused)" }
        return "the probe passes in the \(form.rawValue) form of fma" + (refusals.isEmpty ? "" : ", not in \(refused)")
    }

    /// The class's name: canonical, or one of the device's own, which begins with `own`.
    package func name(own: String) -> String {
        guard let fault else { return NumericClass.canonical }
        return "\(own)-\(fault.rawValue)"
    }

    /// How the names of a device's own classes begin: no two devices share it, nor two versions of a driver.
    ///
    /// Names are for people, and may be cut; the digest after them tells devices apart.
    ///
    /// - Parameters:
    ///   - driver, details: the driver's name and version.
    ///   - device: the device's name.
    ///   - identity: what tells it from others of that name.
    package static func own(driver: String, details: String, device: String, identity: String) -> String {
        // Names go over the wire and into tables: short, and of plain characters.
        func plain(_ text: String) -> String {
            let words = text.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
            return String(words.joined(separator: "-").prefix(24))
        }
        var hasher = SHA256Hasher()
        for text in [driver, details, device, identity] { hasher.update("\(text.utf8.count) \(text)\n") }
        return "vulkan-\(plain(driver))-\(plain(device))-\(hasher.finalize().description.prefix(8))"
    }
}

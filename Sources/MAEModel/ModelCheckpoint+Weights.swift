import MAECheckpoint
import MAECompute

extension ModelCheckpoint {
    /// The parameter `name` for a backend to read: verified, digested and handed over in one go; then `whenRead` is called.
    ///
    /// `name` is a parameter of ``layout``.
    package func weight(_ name: String, whenRead: @escaping @Sendable (_ count: Int) -> Void = { _ in }) -> Weight {
        guard let shape = tensors[name]?.shape else {
            preconditionFailure("\(name) is bound, but is no parameter of the checkpoint's layout")
        }
        return Weight(shape: shape) { body in
            try read(name) { tensor in
                try body(tensor)
                whenRead(tensor.count)
            }
        }
    }
}

import MAEFormats

extension PickleObject {
    /// The class of torch.compile, which is pickled as a call with the compiled module in front.
    private static let compiledModule = "torch._dynamo.eval_frame.OptimizedModule"

    /// The modules inside this one, by name, in the order of the file.
    var childModules: [(name: String, module: PickleObject)] {
        if isCall, className == Self.compiledModule, let inner = arguments.sequence?.first?.object {
            return [("_orig_mod", inner)]
        }
        return attribute("_modules")?.namedEntries?.compactMap { name, value in value.object.map { (name, $0) } } ?? []
    }
}

import MAEDomain

/// A loading method in a document.
struct StoredMethod: Codable, Hashable {
    var kind: StoredWord<LoadingMethod.Kind>
    var label: String
    var path: String
    var weights: String?
    var configuration: String?
    var maskRatio: Double?

    init(_ method: LoadingMethod) {
        kind = StoredWord(method.kind)
        (label, path, weights) = (method.label, method.path, method.weights)
        (configuration, maskRatio) = (method.configPath, method.maskRatio)
    }

    /// The method as it was.
    var method: LoadingMethod {
        LoadingMethod(
            kind: kind.value, label: label, path: path, weights: weights, configPath: configuration,
            maskRatio: maskRatio)
    }
}

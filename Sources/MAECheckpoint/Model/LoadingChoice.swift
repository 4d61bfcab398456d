/// How a checkpoint is loaded: the three ways of the PyTorch world, or whichever its content fits.
public enum LoadingChoice: String, Sendable, Hashable, CaseIterable {
    /// A hub directory: `config.json` with `model.safetensors`, shards, or `pytorch_model.bin` (`from_pretrained`).
    case pretrained
    /// A whole pickled module, with its configuration inside (`torch.save(model)`).
    case full
    /// Weights alone: `torch.save(model.state_dict())`, a Lightning checkpoint, or a safetensors file.
    case stateDict = "state-dict"
    /// The one of the three that the content is.
    case automatic

    /// What it reads, in words.
    var content: String {
        switch self {
        case .pretrained: "a hub directory"
        case .full: "a pickled model"
        case .stateDict: "weights alone"
        case .automatic: "a model"
        }
    }
}

import MAEContent

/// Everything that bounds what a peer may send, checked before memory is taken for it.
///
/// The same limits hold for what we send: a message of our own that breaks one is an error at the sender.
public enum WireLimits {
    /// Bytes of the header frame of a result or a manifest; other kinds of messages have far less.
    public static let headerBytes = 2 << 20
    /// Memory that unpacking a header may take, for each of its bytes, and in addition.
    static let unpackedBytesPerHeaderByte = 32
    static let unpackedBytesBase = 64 << 10
    /// Bytes of one payload frame.
    public static let payloadBytes = 256 << 20
    /// Bytes of the payload of a job, which is the noise of its batch.
    public static let jobPayloadBytes = 16 << 20
    /// Bytes of one message, header and payloads.
    public static let messageBytes = 288 << 20
    /// Payload frames of one message.
    public static let payloads = 4
    /// Frames of one message: the peer's name that a ROUTER puts in front, the header, the payloads.
    public static let frames = 2 + payloads
    /// Dimensions of a tensor on the wire and of a weight with a fingerprint.
    public static let dimensions = 8
    /// Extent of one dimension.
    public static let extent = 1 << 40

    /// Bytes of a short text: the name of a node, a run, a shard, a backend, a code.
    public static let nameBytes = 256
    /// Bytes of a tensor's or layer's name.
    public static let tensorNameBytes = 512
    /// Bytes of a path.
    public static let pathBytes = 4096
    /// Bytes of a sentence for people.
    public static let textBytes = 4096
    /// Fields of a model's configuration.
    public static let configurationFields = 1024

    /// Jobs that one worker holds, and so leases in a cancellation.
    public static let leases = 256
    /// Weights with a fingerprint each.
    public static let fingerprints = 8192
    /// Findings of one load.
    public static let findings = 512
    /// Further models in the file of a checkpoint.
    public static let otherModels = 64
    /// Layer digests of one forward pass.
    public static let layers = 8192
    /// Files of a checkpoint that travels.
    public static let contentFiles = Manifest.maximumFileCount
    /// Chunks of all files of a checkpoint.
    public static let contentChunks = Manifest.maximumChunkCount
    /// Bytes of one chunk.
    public static let chunkBytes = FileContent.chunkSize
    /// Bytes of one file.
    public static let fileBytes = contentChunks * chunkBytes

    /// Images in a batch.
    public static let batchSize = 1 << 16
    /// Images in all files that a run takes them from.
    public static let images = 1 << 32
    /// Threads of a node.
    public static let threads = 1 << 16
    /// Draws of mask noise after a batch.
    public static let noiseDraw = 1 << 16
    /// Tokens of a sequence.
    public static let tokens = 1 << 24
    /// The width of a token.
    public static let width = 1 << 17
    /// The width of what an operation gives: queries, keys and values side by side, pixels of a patch, the inner layer of an MLP.
    public static let operationWidth = 1 << 24
    /// Longest interval that a coordinator may ask for.
    public static let interval = Duration.seconds(86_400)
}

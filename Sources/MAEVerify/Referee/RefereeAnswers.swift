/// What this machine computed itself of the work of a run, to set the answers of nodes against.
public struct RefereeAnswers: Sendable {
    /// A method that this machine could not compute by.
    public struct Obstacle: Sendable, Hashable {
        /// Label of the method; nil for all of them.
        public var method: String?
        /// Why not, in words that go on from a colon.
        public var reason: String

        /// Describes an obstacle.
        public init(method: String?, reason: String) {
            self.method = method
            self.reason = reason
        }
    }

    /// The answers, at most one for a method and batch; their node is this machine.
    public var answers: [Observation]
    /// What is missing among them, and why.
    public var obstacles: [Obstacle]
    /// What it computed in double precision to decide disputes.
    public var float64: [Float64Answer] = []

    /// Collects answers.
    public init(answers: [Observation] = [], obstacles: [Obstacle] = []) {
        self.answers = answers
        self.obstacles = obstacles
    }
}

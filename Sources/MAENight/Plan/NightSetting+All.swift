import MAEVerify

extension NightSetting {
    /// Every key that a plan may have, in the order of the example.
    public static let all: [NightSetting] = [
        NightSetting(
            "name", .name, "Name of the plan: runs are called NAME-YYYY-MM-DD, by the date of this machine.",
            example: "night", isSet: true, isRequired: true, isOfNight: true),
        NightSetting("store", .path, "Folder in which runs and results are kept.", example: "mae-store", isSet: true),
        NightSetting(
            "methods", .methods, flag: "--method",
            "Ways of loading, each with what is loaded: pretrained (hub directory, or a model of the local hub cache), full (pickled "
                + "model), state-dict; FILE#KEY for one of several models in a file.",
            example: "\n  - pretrained: vit-mae-base\n  - full: model.pth\n  - state-dict: weights.pth", isSet: true,
            isRequired: true),
        NightSetting(
            "config", .path, "A config.json, or a folder with one, for state dicts.", example: "vit-mae-base",
            isSet: true),
        NightSetting(
            "nodes", .nodes, flag: "--expect",
            "Names of the nodes that are expected: the report says which never came.",
            example: "[node1, node2, node3]", isSet: true),
        NightSetting(
            "workers", .count(1...1024), "How many nodes are expected, where their names are not given.", example: "3"),
        NightSetting(
            "bind", .text, "Endpoint to listen at; one that other machines reach needs keys.",
            example: "tcp://0.0.0.0:5555", isSet: true),
        NightSetting("keys", .path, "Folder with the keys.", example: "mae-keys"),
        NightSetting(
            "secure", .yesOrNo(flagMeans: true), "Use keys at an endpoint of this machine alone, too.", example: "true"),
        NightSetting("local", .count(1...64), "Start so many workers on this machine.", example: "2"),
        NightSetting("threads", .count(1...1024), "Threads of these workers, all together.", example: "4"),
        NightSetting(
            "timeout", .number(above: 0, upTo: 1e7), "End the run after so many seconds, whatever is missing then.",
            example: "14400", isSet: true),
        NightSetting("seed", .seed, "Batch i of the pinned ones is drawn from seed + i.", example: "42", isSet: true),
        NightSetting(
            "batches", .count(1...1_000_000), "Pinned batches: the same ones every night.", example: "2", isSet: true),
        NightSetting("batch_size", .count(1...65536), "Images a batch.", example: "8", isSet: true),
        NightSetting(
            "fresh", .count(1...RotatingBatches.most),
            "Batches more, which are drawn from the date: other ones every night.",
            example: "2", isSet: true),
        NightSetting("fresh_seed", .seed, "Draw these from this seed instead.", example: "20260131000"),
        NightSetting(
            "images", .path, "Images to run on: PNG, JPEG or preprocessed .npy, a file or a folder of them.",
            example: "images"),
        NightSetting(
            "mask_ratio", .fraction, "Fraction of patches to remove; what each checkpoint says when left out.",
            example: "0.75"),
        NightSetting(
            "noise", .noise,
            "Where noise comes from: shared (all methods are masked by the same draw), sequential (each takes the next) or file=F.npy.",
            example: "shared"),
        NightSetting("atol", .tolerance, "Absolute tolerance between numeric classes.", example: "\(Tolerance().atol)"),
        NightSetting("rtol", .tolerance, "Relative tolerance between numeric classes.", example: "\(Tolerance().rtol)"),
        NightSetting("replicas", .count(2...1024), "Give each batch to so many of the nodes.", example: "2"),
        NightSetting(
            "referee", .yesOrNo(flagMeans: false), flag: "--no-referee",
            "Whether this machine computes some answers itself.", example: "true"),
        NightSetting(
            "files_on_workers", .yesOrNo(flagMeans: true), "Take it that workers have files that this machine has not.",
            example: "false"),
        NightSetting(
            "baseline", .path, "Hold the pinned batches to this file, which mae-coord baseline pin wrote.",
            example: "baseline.json"),
        NightSetting(
            "html", .output, "Page of the report; {run} and {date} stand for the run's name and the date.",
            example: "reports/{run}.html", isSet: true),
        NightSetting("json", .output, "Report for programs.", example: "reports/{run}.json", isSet: true),
        NightSetting("junit", .output, "Report for build servers.", example: "reports/{run}.xml"),
        NightSetting(
            "metrics", .output, "Figures for Prometheus, in the folder of node_exporter's textfile collector.",
            example: "/var/lib/node_exporter/mae.prom"),
        NightSetting(
            "ping", .address, "Tell this address when the night begins and how it ends.",
            example: "https://hc-ping.com/UUID"),
        NightSetting(
            "on_change", .text, "Run this command when the verdict is another one than that of the night before.",
            example: "/usr/local/bin/tell-us"),
        NightSetting(
            "github", .yesOrNo(flagMeans: true), "Write annotations and a summary for GitHub Actions.", example: "true"),
        NightSetting(
            "quiet", .yesOrNo(flagMeans: true), "Show nothing of the progress: only warnings, errors and the report.",
            example: "true", isSet: true),
        NightSetting(
            "keep", .count(1...1_000_000), "Keep so many runs of this plan, and remove older ones from the store.",
            example: "90", isOfNight: true),
        NightSetting(
            "history", .path, "Write the pages of mae-coord history into this folder after each night.",
            example: "history", isOfNight: true),
    ]
}

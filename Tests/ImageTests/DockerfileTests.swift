import Testing

@Suite("The reading of Dockerfiles")
struct DockerfileTests {
    @Test("stages, arguments, lines that go on and the forms that ours uses are understood")
    func reads() throws {
        let file = try Dockerfile(
            """
            # A remark
            ARG IMAGE=debian
            FROM ${IMAGE}:12 AS first
            ENV A=b
            RUN --mount=type=cache,target=/build,sharing=locked one \\
                # in between
                && two
            COPY Package.swift Package.resolve[d] ./
            FROM first
            ARG MORE=
            COPY --from=first /a /b/
            HEALTHCHECK --interval=10s --retries=3 CMD ["probe", "/tmp/file"]
            ENTRYPOINT ["program", "--option"]
            """, arguments: ["MORE": "much"])
        #expect(file.stages.map(\.base) == ["debian:12", "first"])
        #expect(
            file.stages[0].instructions == [
                .environment(["A": "b"]), .run("one && two", caches: ["/build"]),
                .copy(from: nil, ["Package.swift", "Package.resolve[d]"], to: "./"),
            ])
        #expect(
            file.stages[1].instructions == [
                .argument(name: "MORE", standard: "much"), .copy(from: "first", ["/a"], to: "/b/"),
                .healthCheck(["probe", "/tmp/file"]), .entryPoint(["program", "--option"]),
            ])
    }

    @Test(
        "what is not understood is an error and never left out",
        arguments: [
            "RUN true", "FROM a b", "FROM ${X}", "FROM a\nADD x /y", "FROM a\nRUN [\"x\"]", "FROM a\nRUN <<EOF",
            "FROM a\nRUN --network=none x", "FROM a\nENV A b", "FROM a\nENV A=\"b\"", "FROM a\nCMD run",
            "FROM a\nCOPY --chown=b c /d", "FROM a\nCOPY $X /d", "FROM a\nWORKDIR here", "FROM a\nUSER $X",
            "FROM a\nHEALTHCHECK NONE", "FROM a\nSHELL [\"x\"]", "FROM a\nRUN",
        ])
    func refuses(text: String) {
        #expect(throws: Dockerfile.Failure.self) { try Dockerfile(text) }
    }

    @Test("what an image needs are the stages that it is made from and copies from, and theirs")
    func needs() throws {
        let text = """
            ARG SOURCE=one
            FROM scratch AS one
            FROM scratch AS two
            FROM ${SOURCE} AS programs
            FROM base AS runtime
            FROM runtime AS image
            COPY --from=programs /a /b
            FROM runtime AS other
            """
        let names = { (source: String) in
            try Dockerfile(text, arguments: ["SOURCE": source]).stages(for: ["image"]).map(\.name)
        }
        #expect(try names("one") == ["one", "programs", "runtime", "image"])
        #expect(try names("two") == ["two", "programs", "runtime", "image"])
    }

    @Test("the image that compiles has the packages that cluster/setup installs")
    func packages() throws {
        let setup = try String(contentsOfFile: Script.repository + "/cluster/setup", encoding: .utf8)
        let needed = try #require(setup.firstMatch(of: #/\npackages=\((.*)\)/#)?.1).split(separator: " ")
        let file = try Dockerfile(
            String(contentsOfFile: Script.repository + "/docker/Dockerfile", encoding: .utf8))
        let stage = try #require(file.stages.first { $0.name == "compiled" })
        let installed = stage.instructions.compactMap { instruction -> [Substring]? in
            guard case .run(let command, _) = instruction else { return nil }
            return command.firstMatch(of: #/--no-install-recommends (.*?) &&/#)?.1.split(separator: " ")
        }
        #expect(installed.first == needed)
    }

    @Test("the last rule of an ignore file that fits decides")
    func ignores() throws {
        let context = try BuildContext(root: "/", ignoreFile: "*\n!Sources\nSources/Private\n# remark\n")
        #expect(context.contains("Sources/a/b.swift"))
        #expect(!context.contains("Sources/Private/a"))
        #expect(context.contains("Sources/Privateer"))
        #expect(!context.contains("README.md"))
        #expect(throws: BuildContext.Failure.self) { try BuildContext(root: "/", ignoreFile: "**/x") }
    }
}

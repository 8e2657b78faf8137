//! Who may use whom: the arrows between the crates.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};
use expect_test::expect;

#[test]
fn crates_use_only_whom_they_may() {
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap();
    let mut arrows = BTreeMap::new();
    for package in &metadata.packages {
        let ours = |kind| {
            let mut names: Vec<_> = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind == kind)
                .filter_map(|dependency| dependency.name.strip_prefix("spacewatch-"))
                .collect();
            names.sort_unstable();
            names.join(" ")
        };
        let name = package.name.trim_start_matches("spacewatch-").to_owned();
        arrows.insert(
            name,
            (ours(DependencyKind::Normal), ours(DependencyKind::Development)),
        );
    }
    let shown: String = arrows
        .iter()
        .map(|(name, (uses, tests))| format!("{name} -> {uses} | {tests}\n"))
        .collect();
    expect![[r#"
        access-log -> model
        assistant -> model
        delta -> features model s3 | demo telemetry
        demo -> model | access-log
        eval -> access-log assistant demo model
        evidence -> unpack
        export -> features
        features ->
        forecast ->
        insight -> evidence forecast inventory lake model s3 snapshots telemetry | demo
        inventory -> delta features model s3 | demo telemetry
        lake -> access-log delta features model s3 unpack | demo telemetry
        mcp -> assistant model
        model ->
        plot -> model
        report -> access-log model
        s3 -> model telemetry | demo
        server -> assistant export insight mcp model plot s3 telemetry | demo lake
        snapshots -> model s3 | demo telemetry
        spacewatch -> assistant demo eval export insight lake mcp model report s3 server snapshots telemetry
        telemetry -> model
        unpack ->
    "#]]
    .assert_eq(
        &shown
            .lines()
            .map(|line| line.trim_end_matches([' ', '|']).to_owned() + "\n")
            .collect::<String>(),
    );
}

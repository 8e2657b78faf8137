//! What meets a limit says so.

use spacewatch_report::{Limits, Options};

use super::kit::{Folder, lines};

fn codes(limits: Limits) -> (Vec<&'static str>, u64) {
    let folder = Folder::new();
    folder.put("log", lines(0, 3_000));
    folder.put("again", lines(0, 3_000));
    let found = folder.report(&Options {
        limits,
        ..Options::default()
    });
    let codes = found.notes.iter().map(|note| note.code).collect();
    (codes, found.total.records + found.read.duplicates)
}

#[test]
fn nothing_to_note_within_the_limits() {
    assert_eq!(codes(Limits::default()), (vec![], 6_000));
}

#[test]
fn forgotten_lines_and_rare_values_are_noted() {
    let limits = Limits {
        remembered_lines: 640,
        ..Limits::default()
    };
    assert_eq!(codes(limits), (vec!["duplicates_partly_counted"], 6_000));
    let limits = Limits {
        values: 100,
        ..Limits::default()
    };
    assert_eq!(codes(limits).0, ["approximate", "approximate"]);
    let limits = Limits {
        files: 1,
        ..Limits::default()
    };
    assert_eq!(codes(limits), (vec!["files_truncated"], 3_000));
}

#[test]
fn estimates_are_close_and_frequent_values_stay() {
    let folder = Folder::new();
    folder.put("log", lines(0, 20_000));
    let found = folder.report(&Options {
        limits: Limits {
            values: 500,
            ..Limits::default()
        },
        ..Options::default()
    });
    assert!(
        found.total.unique_keys.abs_diff(20_000) < 600,
        "{}",
        found.total.unique_keys
    );
    assert_eq!(found.total.unique_ips, 7);
    assert_eq!(
        found.total.top_ips.iter().map(|top| top.count).sum::<u64>(),
        20_000
    );
}

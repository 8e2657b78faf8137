//! Whatever files there are.

use expect_test::{Expect, expect};
use spacewatch_report::{Limits, Options, Progress, Report, Source, analyse};

use super::kit::{Folder, gzip, lines, zstd};

fn summary(report: &Report) -> String {
    let read = report.read;
    let mut text = format!(
        "{} files, {} lines, {} records, {} duplicates, {} rejected\n",
        read.files, read.lines, report.total.records, read.duplicates, read.rejected
    );
    for failed in &report.failed_files {
        let name = failed.file.rsplit('/').next().unwrap();
        text += &format!("{name}: {} {}\n", failed.code, failed.detail);
    }
    text
}

fn check(put: impl FnOnce(&Folder), expected: Expect) {
    let folder = Folder::new();
    put(&folder);
    expected.assert_eq(&summary(&folder.report(&Options::default())));
}

#[test]
fn content_decides_and_not_the_name() {
    check(
        |folder| {
            folder.put("a.gz", lines(0, 10));
            folder.put("b/c.log", gzip(lines(10, 20).as_bytes()));
            folder.put("b/d", zstd(lines(20, 30).as_bytes()));
        },
        expect![[r#"
            3 files, 30 lines, 30 records, 0 duplicates, 0 rejected
        "#]],
    );
}

#[test]
fn several_members_make_one_file() {
    let (one, two) = (lines(0, 10), lines(10, 20));
    // A line may go on in the next member.
    let (left, right) = two.split_at(100);
    check(
        |folder| {
            let members = [one.as_bytes(), left.as_bytes(), b"", right.as_bytes()];
            folder.put("gzip", members.map(gzip).concat());
            folder.put("zstd", members.map(zstd).concat());
        },
        expect![[r#"
            2 files, 40 lines, 20 records, 20 duplicates, 0 rejected
        "#]],
    );
}

#[test]
fn nothing_in_them() {
    check(
        |folder| {
            folder.put("empty", "");
            folder.put("empty.gz", gzip(b""));
            folder.put("blank", "\n\n \r\n");
        },
        expect![[r#"
            3 files, 3 lines, 0 records, 0 duplicates, 0 rejected
        "#]],
    );
    check(
        |_| {},
        expect![[r#"
        0 files, 0 lines, 0 records, 0 duplicates, 0 rejected
    "#]],
    );
}

#[test]
fn broken_files_end_nothing() {
    let packed = gzip(lines(0, 5_000).as_bytes());
    let cut = &packed[..packed.len() / 2];
    let folder = Folder::new();
    folder.put("whole", lines(5_000, 5_010));
    folder.put("cut.gz", cut);
    folder.put("cut.zst", &zstd(lines(0, 1_000).as_bytes())[..300]);
    folder.put("rubbish.gz", b"\x1f\x8brubbish");
    folder.put("other.bz2", b"BZh9rubbish");
    let found = folder.report(&Options::default());
    let codes: Vec<_> = found
        .failed_files
        .iter()
        .map(|failed| (failed.file.rsplit('/').next().unwrap(), failed.code))
        .collect();
    assert_eq!(
        codes,
        [
            ("cut.gz", "broken"),
            ("cut.zst", "broken"),
            ("other.bz2", "compression"),
            ("rubbish.gz", "broken"),
        ]
    );
    // What came out of the cut one counts, but for the line it was cut in.
    assert!(found.total.records > 10 && found.total.records < 5_000);
    assert_eq!(found.read.rejected, 0);
    assert_eq!(found.read.lines, found.total.records);
}

#[test]
fn what_is_not_there_is_listed() {
    let folder = Folder::new();
    let here = folder.put("here", lines(0, 3));
    let sources = [Source::Path(folder.path().join("nowhere")), Source::Path(here)];
    let found = analyse(&sources, &Options::default(), &Progress::default());
    assert_eq!((found.total.records, found.read.files_failed), (3, 1));
    assert_eq!(found.failed_files[0].code, "unreadable");
}

#[test]
fn bombs_are_cut() {
    let folder = Folder::new();
    let limits = Limits {
        unpacked_bytes: 1 << 20,
        ..Limits::default()
    };
    let options = Options {
        limits,
        ..Options::default()
    };
    let nothing = vec![b'\n'; 64 << 20];
    folder.put("bomb.gz", gzip(&nothing));
    folder.put("bomb.zst", zstd(&nothing));
    // A real log never packs that well, and may be larger than the free allowance.
    folder.put("log.gz", gzip(lines(0, 10_000).as_bytes()));
    let found = folder.report(&options);
    let codes: Vec<_> = found.failed_files.iter().map(|failed| failed.code).collect();
    assert_eq!(codes, ["bomb", "bomb"]);
    assert_eq!(found.total.records, 10_000);
    assert!(
        found.read.unpacked_bytes < 64 << 20,
        "{}",
        found.read.unpacked_bytes
    );
}

#[cfg(unix)]
#[test]
fn circles_of_links_are_not_walked() {
    let folder = Folder::new();
    folder.put("a/log", lines(0, 3));
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/up")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("nowhere"), folder.path().join("dangling")).unwrap();
    let found = folder.report(&Options::default());
    assert_eq!((found.total.records, found.read.files_failed), (3, 1));
}

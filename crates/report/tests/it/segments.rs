//! A big file cut anywhere gives the same report as a whole one.

use proptest::prelude::*;

use super::kit::{Folder, lines, report, shown, workers};

const CDN_HEADER: &str =
    "#Version: 1.0\n#Fields: time date c-ip sc-status sc-bytes x-edge-result-type cs-uri-stem\n";

fn cdn(n: u32) -> String {
    format!(
        "21:02:{:02}\t2019-02-06\t192.0.2.{n}\t200\t{n}\tHit\t/a{n}\n",
        n % 60
    )
}

/// Records, rubbish, headers and CDN records whose columns only a header before them tells.
fn mixture() -> String {
    let mut text = lines(0, 6);
    text += "rubbish\n\n";
    text += CDN_HEADER;
    text += &(0..5).map(cdn).collect::<String>();
    text += &lines(6, 9);
    text += "#Fields: no time here\n";
    text += &(5..9).map(cdn).collect::<String>();
    text += "\u{feff}#Fields: date time c-ip sc-status\n2019-02-06\t21:02:31\t192.0.2.99\t404\r\n";
    text += "more rubbish\n";
    text += &lines(4, 12);
    text += "the end without a line feed";
    text
}

#[test]
fn every_cut_gives_the_same_report() {
    let folder = Folder::new();
    let text = mixture();
    let file = folder.put("log", &text);
    let whole = shown(&report(&file, &workers(1, u64::MAX)));
    for segment_bytes in (1..400).chain([777, 1024, text.len() as u64 - 1, text.len() as u64]) {
        let cut = shown(&report(&file, &workers(2, segment_bytes)));
        assert_eq!(cut, whole, "segments of {segment_bytes} bytes");
    }
}

#[test]
fn offsets_are_those_of_the_file() {
    let folder = Folder::new();
    let text = mixture();
    let file = folder.put("log", &text);
    let found = report(&file, &workers(2, 100));
    for sample in &found.rejects.samples {
        let at = usize::try_from(sample.offset).unwrap();
        let end = at + usize::try_from(sample.length).unwrap();
        assert_eq!(&text[at..end], sample.line, "{sample:?}");
    }
    let offsets: Vec<_> = found.rejects.samples.iter().map(|sample| sample.offset).collect();
    assert!(offsets.is_sorted() && offsets.len() == 4, "{offsets:?}");
}

#[test]
fn a_line_longer_than_many_segments() {
    let folder = Folder::new();
    let long = "x".repeat(3_000_000);
    let text = format!("{}{long}\n{}", lines(0, 50), lines(50, 100));
    let file = folder.put("log", &text);
    for segment_bytes in [4_096, 65_536, 1_000_003] {
        let found = report(&file, &workers(2, segment_bytes));
        assert_eq!((found.total.records, found.rejects.count), (100, 1));
        assert_eq!(found.rejects.samples[0].length, 3_000_000);
        assert_eq!(found.rejects.samples[0].reason, "too_long");
        assert_eq!(found.read.unpacked_bytes, text.len() as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_bytes_cut_anyhow(bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'#'), Just(b' '), any::<u8>()], 0..400), segment_bytes in 1..64_u64, with in 0..20_u32) {
        let folder = Folder::new();
        let mut all = bytes;
        all.extend_from_slice(lines(0, with).as_bytes());
        all.extend_from_slice(CDN_HEADER.as_bytes());
        all.extend_from_slice(cdn(7).as_bytes());
        let file = folder.put("log", &all);
        let whole = shown(&report(&file, &workers(1, u64::MAX)));
        prop_assert_eq!(shown(&report(&file, &workers(3, segment_bytes))), whole);
    }
}

//! Chunks to lines.

use spacewatch_access_log::{Counts, Entry, Limits, Line, LineSplitter, LogReader, Reason};

fn lines(chunks: &[&[u8]], limit: usize) -> Vec<(String, u64, u64)> {
    let mut out = Vec::new();
    let mut splitter = LineSplitter::new(limit);
    let mut sink =
        |line: Line<'_>| out.push((line.bytes.escape_ascii().to_string(), line.offset, line.length));
    for chunk in chunks {
        splitter.feed(chunk, &mut sink);
    }
    splitter.finish(&mut sink);
    out
}

#[test]
fn offsets_are_the_same_however_the_bytes_arrive() {
    let object = b"first\n\nsecond\r\nthe third, longer\nlast";
    let whole = lines(&[object], 8);
    assert_eq!(
        whole,
        [
            ("first".into(), 0, 5),
            (String::new(), 6, 0),
            ("second\\r".into(), 7, 7),
            ("the thir".into(), 15, 17),
            ("last".into(), 33, 4),
        ]
    );
    for size in 1..object.len() {
        let chunks: Vec<&[u8]> = object.chunks(size).collect();
        assert_eq!(lines(&chunks, 8), whole, "chunks of {size}");
    }
}

#[test]
fn nothing_comes_of_nothing() {
    assert_eq!(lines(&[], 8), []);
    assert_eq!(lines(&[b"", b""], 8), []);
    assert_eq!(lines(&[b"a\n", b""], 0), [(String::new(), 0, 1)]);
}

#[test]
fn a_line_of_a_hundred_megabytes_is_one_reject_and_the_next_one_is_read() {
    let limits = Limits { line_bytes: 4096 };
    let mut reader = LogReader::new(limits);
    let mut seen = Vec::new();
    let mut sink = |line: Line<'_>, entry: Entry<'_>| {
        assert!(line.bytes.len() <= limits.line_bytes);
        seen.push((
            line.offset,
            line.length,
            matches!(entry, Entry::Reject(Reason::TooLong)),
            matches!(entry, Entry::S3(_)),
        ));
    };
    let block = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        reader.feed(&block, &mut sink);
    }
    reader.feed(b"\n", &mut sink);
    reader.feed(super::hostile::PLAIN.as_bytes(), &mut sink);
    reader.finish(&mut sink);
    let long = 100 << 20;
    let plain = u64::try_from(super::hostile::PLAIN.len()).unwrap();
    assert_eq!(seen, [(0, long, true, false), (long + 1, plain, false, true)]);
    let expected = Counts {
        lines: 2,
        s3: 1,
        rejected: 1,
        ..Counts::default()
    };
    assert_eq!(reader.counts(), expected);
}

//! Chunks of any size give the same lines as the whole, and the lines with their line feeds are the object.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spacewatch_access_log::LineSplitter;

fuzz_target!(|data: (usize, usize, Vec<u8>)| {
    let (chunk, limit, object) = data;
    let (chunk, limit) = (chunk % 64 + 1, limit % 256);
    let split = |chunk: usize| {
        let mut lines = Vec::new();
        let mut splitter = LineSplitter::new(limit);
        for part in object.chunks(chunk) {
            splitter.feed(part, |line| {
                lines.push((line.offset, line.length, line.bytes.to_vec()))
            });
        }
        splitter.finish(|line| lines.push((line.offset, line.length, line.bytes.to_vec())));
        lines
    };
    let lines = split(chunk);
    assert_eq!(lines, split(object.len().max(1)));
    let mut expected = 0;
    for (offset, length, bytes) in &lines {
        assert_eq!(*offset, expected);
        let from = usize::try_from(*offset).unwrap();
        let whole = &object[from..from + usize::try_from(*length).unwrap()];
        assert!(!whole.contains(&b'\n'));
        assert_eq!(bytes.as_slice(), &whole[..whole.len().min(limit)]);
        expected = offset + length + 1;
    }
    let end = u64::try_from(object.len()).unwrap();
    assert!(expected == end || expected == end + 1);
});

//! Any bytes as one S3 access log: nothing panics, accepted lines come back byte for byte, and the line after them is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spacewatch_access_log::{Entry, Limits, Line, LogReader, S3BatchBuilder, exact_key, rebuild};

const PLAIN: &[u8] = b"\no b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 r id REST.GET.OBJECT k \"GET /b/k HTTP/1.1\" 200 - 1 2 3 4 \"-\" \"a\" -";

fuzz_target!(|data: &[u8]| {
    let mut reader = LogReader::new(Limits::default());
    let mut builder = S3BatchBuilder::new();
    builder.begin_object("object");
    let mut lines = Vec::new();
    let mut keys = Vec::new();
    let mut last_is_record = false;
    let mut sink = |line: Line<'_>, entry: Entry<'_>| {
        last_is_record = matches!(entry, Entry::S3(_));
        if let Entry::S3(record) = entry {
            builder.push(&line, &record).unwrap();
            lines.push(line.bytes.to_vec());
            keys.push(record.key().map(|key| key.into_owned()));
            let _ = (
                record.method(),
                record.category(),
                record.operation().is_request(),
            );
        }
    };
    reader.feed(data, &mut sink);
    reader.feed(PLAIN, &mut sink);
    reader.finish(&mut sink);
    // A `#Fields:` line before it makes the plain one no less a record.
    assert!(last_is_record);
    let batch = builder.finish().unwrap();
    for (row, (line, key)) in lines.iter().zip(&keys).enumerate() {
        assert_eq!(&rebuild(&batch, row).unwrap(), line);
        assert_eq!(exact_key(&batch, row).unwrap().as_deref(), key.as_deref());
    }
});

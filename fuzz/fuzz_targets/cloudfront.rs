//! Any bytes as a CloudFront log: a header of their own choice, then a record.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spacewatch_access_log::{CdnBatchBuilder, CdnColumn, Entry, Limits, Line, LogReader, rebuild};

fuzz_target!(|data: &[u8]| {
    let mut reader = LogReader::new(Limits::default());
    let mut builder = CdnBatchBuilder::new();
    builder.begin_object("object");
    let mut lines = Vec::new();
    let mut sink = |line: Line<'_>, entry: Entry<'_>| {
        if let Entry::Cdn(record) = entry {
            builder.push(&line, &record).unwrap();
            lines.push(line.bytes.to_vec());
            for column in CdnColumn::ALL {
                let _ = (
                    record.decoded(column),
                    record.number(column),
                    record.micros(column),
                );
            }
        }
    };
    reader.feed(data, &mut sink);
    reader.finish(&mut sink);
    let batch = builder.finish().unwrap();
    for (row, line) in lines.iter().enumerate() {
        assert_eq!(&rebuild(&batch, row).unwrap(), line);
    }
});

//! The tables' columns, and batches of many rows.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BinaryViewArray, LargeStringArray, RecordBatch, StringArray, StringViewArray,
};
use arrow_schema::DataType;
use expect_test::{Expect, expect};
use spacewatch_access_log::{
    CdnBatchBuilder, Entry, Limits, Line, LineHashKey, LogReader, RebuildError, S3BatchBuilder, exact_key,
    line_hash, rebuild,
};

use super::hostile::PLAIN;

macro_rules! check_schema {
    ($schema:expr, $expected:expr) => {{
        let mut out = String::new();
        for field in $schema.fields() {
            let null = if field.is_nullable() { "?" } else { "" };
            writeln!(out, "{}{null}: {}", field.name(), field.data_type()).unwrap();
        }
        let expected: Expect = $expected;
        expected.assert_eq(&out);
    }};
}

#[test]
fn columns_of_s3_records() {
    check_schema!(
        S3BatchBuilder::schema(),
        expect![[r#"
        time: Timestamp(µs, "UTC")
        date: Date32
        bucket?: Dictionary(Int32, Utf8)
        owner?: Dictionary(Int32, Utf8)
        remote_ip?: Utf8
        requester?: Dictionary(Int32, Utf8)
        request_id?: Utf8
        operation: Dictionary(Int32, Utf8)
        method?: Dictionary(Int32, Utf8)
        category: Dictionary(Int32, Utf8)
        is_request: Boolean
        key?: Utf8
        key_raw?: Binary
        request_uri?: Utf8
        status?: Int16
        error_code?: Dictionary(Int32, Utf8)
        bytes_sent?: Int64
        object_size?: Int64
        total_ms?: Int64
        turnaround_ms?: Int64
        referer?: Utf8
        user_agent?: Dictionary(Int32, Utf8)
        version_id?: Utf8
        host_id?: Utf8
        signature_version?: Dictionary(Int32, Utf8)
        cipher_suite?: Dictionary(Int32, Utf8)
        auth_type?: Dictionary(Int32, Utf8)
        host?: Dictionary(Int32, Utf8)
        tls_version?: Dictionary(Int32, Utf8)
        access_point?: Dictionary(Int32, Utf8)
        acl_required?: Dictionary(Int32, Utf8)
        source_region?: Dictionary(Int32, Utf8)
        extra?: Utf8
        fields: Int16
        quotes: Int16
        dialect: Dictionary(Int32, Utf8)
        ambiguous: Boolean
        log_object: Dictionary(Int32, Utf8)
        log_offset: Int64
        log_length: Int64
        line_hash_high: Int64
        line_hash_low: Int64
        line?: Binary
    "#]]
    );
}

#[test]
fn columns_of_cloudfront_records() {
    check_schema!(
        CdnBatchBuilder::schema(),
        expect![[r#"
        time: Timestamp(µs, "UTC")
        date: Date32
        status?: Int16
        bytes_sent?: Int64
        bytes_received?: Int64
        time_taken_us?: Int64
        time_to_first_byte_us?: Int64
        key?: Utf8
        remote_ip?: Utf8
        uri_stem?: Utf8
        referer?: Utf8
        uri_query?: Utf8
        request_id?: Utf8
        forwarded_for?: Utf8
        edge_location?: Dictionary(Int32, Utf8)
        method?: Dictionary(Int32, Utf8)
        distribution?: Dictionary(Int32, Utf8)
        user_agent?: Dictionary(Int32, Utf8)
        cookie?: Dictionary(Int32, Utf8)
        result_type?: Dictionary(Int32, Utf8)
        host?: Dictionary(Int32, Utf8)
        protocol?: Dictionary(Int32, Utf8)
        tls_version?: Dictionary(Int32, Utf8)
        cipher_suite?: Dictionary(Int32, Utf8)
        response_result_type?: Dictionary(Int32, Utf8)
        protocol_version?: Dictionary(Int32, Utf8)
        fle_status?: Dictionary(Int32, Utf8)
        fle_encrypted_fields?: Dictionary(Int32, Utf8)
        port?: Dictionary(Int32, Utf8)
        detailed_result_type?: Dictionary(Int32, Utf8)
        content_type?: Dictionary(Int32, Utf8)
        content_length?: Dictionary(Int32, Utf8)
        range_start?: Dictionary(Int32, Utf8)
        range_end?: Dictionary(Int32, Utf8)
        columns: Dictionary(Int32, Utf8)
        log_object: Dictionary(Int32, Utf8)
        log_offset: Int64
        log_length: Int64
        line_hash_high: Int64
        line_hash_low: Int64
        line?: Binary
    "#]]
    );
}

#[test]
fn many_rows_keep_their_own_values() {
    let mut object = String::new();
    for n in 0..1000 {
        let line = PLAIN.replace("photos/a.jpg \"", &format!("photos/{n}%2520.jpg \""));
        let line = line
            .replace("Mozilla/5.0", &format!("agent {}", n % 7))
            .replace("200 -", &format!("{} -", 200 + n % 300));
        writeln!(object, "{line}{}", if n % 10 == 0 { " " } else { "" }).unwrap();
    }
    let mut builder = S3BatchBuilder::new();
    let mut reader = LogReader::new(Limits::default());
    builder.begin_object("one");
    let mut sink = |line: Line<'_>, entry: Entry<'_>| {
        let Entry::S3(record) = entry else { panic!() };
        builder.push(&line, &record).unwrap();
    };
    reader.feed(object.as_bytes(), &mut sink);
    assert_eq!((builder.len(), builder.bytes()), (1000, object.len() - 1000));
    let batch = builder.finish().unwrap();
    for (row, line) in object.lines().enumerate() {
        assert_eq!(rebuild(&batch, row).unwrap(), line.as_bytes());
    }
    assert_eq!(batch.column_by_name("line").unwrap().null_count(), 900);
    assert_eq!(rebuild(&batch, 1000), Err(RebuildError::NoRow(1000)));
    let part = batch.project(&[0, 1]).unwrap();
    assert_eq!(rebuild(&part, 0), Err(RebuildError::Column("line".into())));
}

#[test]
fn the_hash_is_of_the_line_alone() {
    let key = LineHashKey::default();
    assert_eq!(line_hash(&key, b"a line\r"), line_hash(&key, b"a line"));
    assert_ne!(line_hash(&key, b"a line"), line_hash(&key, b"a line "));
    // Tables hold these values, so they never change.
    // XXH3, 128 bits, as published for no bytes at all.
    let hash: u128 = 0x99aa_06d3_0147_98d8_6001_c324_468d_497f;
    let (high, low) = line_hash(&key, b"");
    let both = [high.to_be_bytes(), low.to_be_bytes()].concat();
    assert_eq!(both, hash.to_be_bytes());
}

#[test]
fn a_hash_is_another_with_another_key() {
    let keys = [
        LineHashKey::default(),
        LineHashKey::new(&[1; 32]),
        LineHashKey::new(&[2; 32]),
    ];
    for length in [1, 8, 16, 128, 240, 241, 5000] {
        let line = vec![b'a'; length];
        let hashes = keys.each_ref().map(|key| line_hash(key, &line));
        let different: std::collections::HashSet<_> = hashes.iter().collect();
        assert_eq!(different.len(), keys.len(), "{length} bytes");
        assert_eq!(hashes[1], line_hash(&LineHashKey::new(&[1; 32]), &line));
    }
    assert_eq!(format!("{:?}", keys[1]), "LineHashKey(secret)");
    let mut builder = S3BatchBuilder::with_hash_key(keys[1].clone());
    let text = br#"o b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - R REST.GET.OBJECT k "GET /k HTTP/1.1" 200 - 1 1 2 1 "-" "-" -"#;
    let mut reader = LogReader::new(Limits::default());
    reader.feed(&[&text[..], b"\n"].concat(), |line, entry| {
        let Entry::S3(record) = entry else {
            panic!("no record")
        };
        builder.push(&line, &record).unwrap();
    });
    let batch = builder.finish().unwrap();
    let high = batch
        .column_by_name("line_hash_high")
        .unwrap()
        .as_primitive::<Int64Type>();
    assert_eq!(high.value(0), line_hash(&keys[1], text).0);
}

/// A table gives its columns back as plain or view arrays, and in another order.
fn as_a_table_gives_it_back(batch: &RecordBatch) -> RecordBatch {
    let columns = batch.schema_ref().fields().iter().zip(batch.columns()).rev();
    let columns = columns.map(|(field, column)| {
        let column: ArrayRef = match column.data_type() {
            DataType::Dictionary(..) => {
                let words = column
                    .as_dictionary::<Int32Type>()
                    .downcast_dict::<StringArray>()
                    .unwrap();
                Arc::new(words.into_iter().collect::<StringViewArray>())
            }
            DataType::Utf8 => Arc::new(column.as_string::<i32>().iter().collect::<LargeStringArray>()),
            DataType::Binary => Arc::new(column.as_binary::<i32>().iter().collect::<BinaryViewArray>()),
            _ => Arc::clone(column),
        };
        (field.name().clone(), column)
    });
    RecordBatch::try_from_iter(columns).unwrap()
}

#[test]
fn rows_from_a_table_give_their_lines_back() {
    let mut builder = S3BatchBuilder::new();
    let mut reader = LogReader::new(Limits::default());
    let object = format!(
        "{PLAIN}\n{PLAIN} \n{}\n",
        PLAIN.replace("photos/a.jpg \"", "photos/a%252Bb.jpg \"")
    );
    reader.feed(object.as_bytes(), |line, entry| {
        let Entry::S3(record) = entry else { panic!() };
        builder.push(&line, &record).unwrap();
    });
    let batch = as_a_table_gives_it_back(&builder.finish().unwrap());
    for (row, line) in object.lines().enumerate() {
        assert_eq!(rebuild(&batch, row).unwrap(), line.as_bytes());
    }
    assert_eq!(
        exact_key(&batch, 2).unwrap().as_deref(),
        Some(&b"photos/a+b.jpg"[..])
    );
}

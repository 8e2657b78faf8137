//! Keys as logged and as they are.

use spacewatch_access_log::{Entry, KeyEncoding, Limits, LogReader, Record, S3BatchBuilder, exact_key};

fn check(encoding: KeyEncoding, logged: &[u8], key: &[u8]) {
    assert_eq!(
        encoding.decode(logged).escape_ascii().to_string(),
        key.escape_ascii().to_string()
    );
}

#[test]
fn decoded_as_often_as_the_writer_encoded() {
    check(KeyEncoding::Twice, b"date_%253D2026", b"date_=2026");
    check(KeyEncoding::Twice, b"%2522", b"\"");
    check(KeyEncoding::Twice, b"foo-%2525Y", b"foo-%Y");
    check(KeyEncoding::Once, b"foo-%2525Y", b"foo-%25Y");
    check(KeyEncoding::Raw, b"foo-%2525Y", b"foo-%2525Y");
    check(
        KeyEncoding::Once,
        b"Screen+Shot+2019.png",
        b"Screen Shot 2019.png",
    );
    check(KeyEncoding::Twice, b"a%2Bb%252Bc", b"a b+c");
    check(KeyEncoding::Once, b"a%2Bb", b"a+b");
    check(KeyEncoding::Raw, b"a+b c", b"a+b c");
    check(KeyEncoding::Twice, b"%25FF%25fe", b"\xff\xfe");
    check(KeyEncoding::Twice, b"%25F0%259F%2598%2580", "😀".as_bytes());
}

#[test]
fn broken_escapes_stay() {
    check(KeyEncoding::Once, b"%", b"%");
    check(KeyEncoding::Once, b"100%", b"100%");
    check(KeyEncoding::Once, b"%4", b"%4");
    check(KeyEncoding::Once, b"%zz%4x%41", b"%zz%4xA");
    check(KeyEncoding::Twice, b"%25%2541", b"%A");
    check(KeyEncoding::Once, b"", b"");
}

fn line(operation: &str, key: &str) -> String {
    let uri = if operation.starts_with("REST") {
        "\"GET /b/k HTTP/1.1\""
    } else {
        "-"
    };
    format!("o b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 r id {operation} {key} {uri} 200 - 1 1 1 1 - - -")
}

fn check_operation(operation: &str, logged: &str, key: Option<&[u8]>) {
    let line = line(operation, logged);
    let record = Record::parse(line.as_bytes()).unwrap();
    assert_eq!(record.key().as_deref(), key, "{line}");
    // And the same from the row, where text can't hold every byte.
    let mut reader = LogReader::new(Limits::default());
    let mut builder = S3BatchBuilder::new();
    reader.feed(line.as_bytes(), |_, _| ());
    reader.finish(|line, entry| {
        let Entry::S3(record) = entry else { panic!() };
        builder.push(&line, &record).unwrap();
    });
    let batch = builder.finish().unwrap();
    assert_eq!(exact_key(&batch, 0).unwrap().as_deref(), key);
}

#[test]
fn the_operation_says_how() {
    check_operation("REST.GET.OBJECT", "foo-%2525Y", Some(b"foo-%Y"));
    check_operation("WEBSITE.GET.OBJECT", "foo-%2525Y", Some(b"foo-%Y"));
    check_operation("REST.COPY.OBJECT_GET", "foo-%2525Y", Some(b"foo-%Y"));
    check_operation("BATCH.DELETE.OBJECT", "foo-%2525Y", Some(b"foo-%25Y"));
    check_operation(
        "S3.EXPIRE.OBJECT",
        "Screen+Shot+50%25.png",
        Some(b"Screen Shot 50%.png"),
    );
    check_operation("S3.CREATE.DELETEMARKER", "a%FFb", Some(b"a\xffb"));
    check_operation("REST.GET.OBJECT", "a%25FFb", Some(b"a\xffb"));
    check_operation("REST.GET.OBJECT", "/", Some(b"/"));
    check_operation("REST.GET.OBJECT", "//lead", Some(b"//lead"));
    check_operation("REST.GET.OBJECT", "-", None);
}

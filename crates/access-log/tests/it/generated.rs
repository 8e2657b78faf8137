//! Records and rubbish made by chance.

use proptest::prelude::*;
use spacewatch_access_log::{Entry, KeyEncoding, Limits, Line, LogReader, Record};

use super::hostile::PLAIN;
use super::shown::prove;

/// A field without spaces and quotes.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[!#-~]{1,24}", 1 => Just("-".to_owned()), 1 => "[a-zé写]{1,8}"]
}

fn number() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![
        Just(None),
        (0_u64..1_000).prop_map(Some),
        (0_u64..1_000_000_000_000_000_000).prop_map(Some)
    ]
}

/// What a client may send in a header: anything but the seam between two fields.
fn header() -> impl Strategy<Value = String> {
    "[ -~é]{0,40}".prop_filter("would be ambiguous", |text| {
        !format!("\"{text}\"").contains("\" \"")
    })
}

#[derive(Debug, Clone)]
struct Made {
    words: Vec<String>,
    key: Vec<u8>,
    operation: &'static str,
    numbers: [Option<u64>; 4],
    status: Option<u16>,
    headers: (String, String),
    tail: Vec<String>,
}

prop_compose! {
    fn made()(
        words in prop::collection::vec(word(), 6),
        key in prop::collection::vec(any::<u8>(), 1..40),
        operation in prop::sample::select(vec!["REST.GET.OBJECT", "REST.PUT.PART", "BATCH.DELETE.OBJECT", "S3.EXPIRE.OBJECT", "WEBSITE.GET.OBJECT", "S3.COMPUTE.OBJECT.CHECKSUM"]),
        numbers in [number(), number(), number(), number()],
        status in prop::option::of(0_u16..1000),
        headers in (header(), header()),
        tail in prop::collection::vec(word(), 0..13),
    ) -> Made {
        Made { words, key, operation, numbers, status, headers, tail }
    }
}

fn encode(bytes: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte);
    bytes
        .iter()
        .map(|byte| {
            if plain(byte) {
                char::from(*byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

impl Made {
    fn key(&self) -> String {
        let once = encode(&self.key);
        if self.operation.starts_with("REST") || self.operation.starts_with("WEBSITE") {
            encode(once.as_bytes())
        } else {
            once
        }
    }

    fn line(&self) -> String {
        let dash = |number: Option<u64>| number.map_or("-".to_owned(), |number| number.to_string());
        let numbers = self.numbers.map(dash).join(" ");
        let status = self
            .status
            .map_or("-".to_owned(), |status| format!("{status:03}"));
        let [owner, bucket, ip, requester, id, error] = self.words.as_slice() else {
            panic!()
        };
        let mut line = format!(
            "{owner} {bucket} [28/Feb/2024:23:59:59 +0000] {ip} {requester} {id} {} {} \"GET /{} HTTP/1.1\" {status} {error} {numbers} \"{}\" \"{}\"",
            self.operation,
            self.key(),
            encode(&self.key),
            self.headers.0,
            self.headers.1,
        );
        for field in &self.tail {
            line.push(' ');
            line.push_str(field);
        }
        line
    }
}

fn read(object: &[u8], chunk: usize) -> Vec<(u64, u64, String)> {
    let mut out = Vec::new();
    let mut reader = LogReader::new(Limits { line_bytes: 4096 });
    let mut sink = |line: Line<'_>, entry: Entry<'_>| {
        prove(&line, &entry);
        out.push((line.offset, line.length, format!("{entry:?}")));
    };
    for chunk in object.chunks(chunk) {
        reader.feed(chunk, &mut sink);
    }
    reader.finish(&mut sink);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn printed_records_are_read_back(made in made()) {
        let line = made.line();
        let record = Record::parse(line.as_bytes()).unwrap();
        let some = |text: &str| if text == "-" { None } else { Some(text.as_bytes().to_vec()) };
        let owned = |text: Option<&[u8]>| text.map(<[u8]>::to_vec);
        prop_assert_eq!(owned(record.requester()), some(&made.words[3]));
        prop_assert_eq!(owned(record.error_code()), some(&made.words[5]));
        prop_assert_eq!(owned(record.referer()), some(&made.headers.0));
        prop_assert_eq!(owned(record.user_agent()), some(&made.headers.1));
        prop_assert_eq!(record.status(), made.status);
        prop_assert_eq!([record.bytes_sent(), record.object_size(), record.total_ms(), record.turnaround_ms()], made.numbers);
        prop_assert!(!record.is_ambiguous());
        prop_assert_eq!(usize::from(record.tail().count()), made.tail.len().min(10));
        if made.key() != "-" {
            let key = record.key().unwrap();
            prop_assert_eq!(key.as_ref(), made.key.as_slice());
        }
        let whole = Line { bytes: line.as_bytes(), offset: 0, length: line.len() as u64 };
        // Such a line never has to be kept.
        prop_assert!(prove(&whole, &Entry::S3(record)));
    }

    #[test]
    fn any_bytes_end_well(object in prop::collection::vec(any::<u8>(), 0..2000), chunk in 1_usize..300) {
        prop_assert_eq!(read(&object, chunk), read(&object, usize::MAX));
    }

    #[test]
    fn a_spoiled_line_never_spoils_the_next(
        made in made(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"\" -\r\t#[]{}+%x0\xff\0".to_vec())), 0..6),
        cut in any::<prop::sample::Index>(),
        insert in any::<bool>(),
    ) {
        let mut line = made.line().into_bytes();
        for (index, byte) in edits {
            let at = index.index(line.len());
            if insert { line.insert(at, byte) } else { line[at] = byte }
        }
        if !insert {
            line.truncate(cut.index(line.len() + 1));
        }
        let spoiled = line.len() as u64;
        line.push(b'\n');
        line.extend_from_slice(PLAIN.as_bytes());
        let entries = read(&line, 97);
        let (offset, length, last) = entries.last().unwrap();
        prop_assert_eq!((*offset, *length), (spoiled + 1, PLAIN.len() as u64));
        prop_assert!(last.starts_with("S3"), "{}", last);
    }

    #[test]
    fn ceph_lines_with_any_key(key in "[ -~é]{1,40}", agent in header()) {
        let key = key.trim().to_owned();
        prop_assume!(!key.is_empty() && key != "-" && !agent.contains(" \""));
        let line = format!(
            "o b [28/Feb/2024:23:59:59 +0000] 10.0.0.1 u tx000000000000000000001-00-10-default REST.PUT.put_obj {key} \"PUT /b/{} HTTP/1.1\" 200 - 5 5 - 5ms - \"{agent}\" - - - - - - - - -",
            encode(key.as_bytes()),
        );
        let record = Record::parse(line.as_bytes()).unwrap();
        prop_assert_eq!(record.key_encoding(), KeyEncoding::Raw);
        let read = record.key().unwrap();
        prop_assert_eq!(read.as_ref(), key.as_bytes());
        let whole = Line { bytes: line.as_bytes(), offset: 0, length: line.len() as u64 };
        prove(&whole, &Entry::S3(record));
    }
}

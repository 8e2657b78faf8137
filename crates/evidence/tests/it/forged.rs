//! Bundles made by somebody who means harm: digests and checksums are right, what they say is not.

use serde_json::{Value, json};
use spacewatch_evidence::{Digest, Full, MAX_RECORDS, SettingNote};

use super::kit::{bundle, complaint, facts, filled, notes, open};

const NAMES: [&str; 5] = [
    "objects.jsonl",
    "records.jsonl",
    "lines.log",
    "manifest.json",
    "manifest.json.sha256",
];

/// What the files of a bundle hold, taken apart and put together by this test's own knowledge of archives.
struct Forger {
    objects: String,
    records: String,
    lines: Vec<u8>,
    manifest: Value,
    /// Instead of it.
    manifest_text: Option<String>,
}

fn long(number: usize) -> [u8; 4] {
    u32::try_from(number).expect("small").to_le_bytes()
}

fn header(signature: &[u8], name: &str, content: &[u8], method: u8) -> Vec<u8> {
    let crc = crc32fast::hash(content).to_le_bytes();
    let size = long(content.len());
    let short = u16::try_from(name.len()).expect("short").to_le_bytes();
    [
        signature,
        &[10, 0, 0, 0, method, 0, 0, 0, 0x21, 0],
        &crc,
        &size,
        &size,
        &short,
    ]
    .concat()
}

/// An archive of any files.
fn archive(files: &[(&str, &[u8])], method: u8) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let at = long(archive.len());
        let local = header(b"PK\x03\x04", name, content, method);
        archive.extend([&local, [0; 2].as_slice(), name.as_bytes(), content].concat());
        let central = header(b"PK\x01\x02\x0a\x00", name, content, method);
        directory.extend([&central, [0; 12].as_slice(), &at, name.as_bytes()].concat());
    }
    let count = u16::try_from(files.len()).expect("few").to_le_bytes();
    let (begins, bytes) = (long(archive.len()), long(directory.len()));
    archive.extend(directory);
    archive.extend(
        [
            b"PK\x05\x06\0\0\0\0".as_slice(),
            &count,
            &count,
            &bytes,
            &begins,
            &[0, 0],
        ]
        .concat(),
    );
    archive
}

impl Forger {
    fn new() -> Self {
        let pieces = bundle().pieces;
        let text = |place: usize| String::from_utf8(pieces[place].clone()).expect("text");
        Self {
            objects: text(1),
            records: text(3),
            lines: pieces[5].clone(),
            manifest: serde_json::from_str(&text(7)).expect("JSON"),
            manifest_text: None,
        }
    }

    /// All digests are those of what is there.
    fn contents(&self) -> [Vec<u8>; 5] {
        let mut manifest = self.manifest.clone();
        let (objects, records) = (
            self.objects.clone().into_bytes(),
            self.records.clone().into_bytes(),
        );
        for (place, content) in [&objects, &records, &self.lines].into_iter().enumerate() {
            if let Some(file) = manifest["files"].get_mut(place) {
                file["bytes"] = json!(content.len());
                file["sha256"] = json!(Digest::of(content).to_string());
            }
        }
        let manifest = self.manifest_text.clone().unwrap_or_else(|| manifest.to_string());
        let manifest = manifest.into_bytes();
        let digest = format!("{}  manifest.json\n", Digest::of(&manifest)).into_bytes();
        [objects, records, self.lines.clone(), manifest, digest]
    }

    fn bytes(&self) -> Vec<u8> {
        let contents = self.contents();
        let files: Vec<_> = NAMES
            .into_iter()
            .zip(&contents)
            .map(|(name, content)| (name, content.as_slice()))
            .collect();
        archive(&files, 0)
    }

    fn complaint(&self) -> String {
        complaint(&self.bytes())
    }
}

#[test]
fn what_is_forged_without_a_change_is_taken() {
    open(&Forger::new().bytes()).expect("a bundle");
}

#[test]
fn other_files_are_refused() {
    let contents = Forger::new().contents();
    let named = |names: [&'static str; 5]| -> Vec<(&'static str, &[u8])> {
        names
            .into_iter()
            .zip(&contents)
            .map(|(name, content)| (name, content.as_slice()))
            .collect()
    };
    let files = named(NAMES);
    let refused =
        |files: &[(&str, &[u8])], method| assert!(complaint(&archive(files, method)).contains("damaged"));
    // Packed ones, as bombs are.
    refused(&files, 8);
    refused(&files, 9);
    // Paths that lead elsewhere, names twice, another order, more, fewer, none.
    refused(
        &named(["../../.bashrc/", NAMES[1], NAMES[2], NAMES[3], NAMES[4]]),
        0,
    );
    refused(
        &named(["/etc/passwd..", NAMES[1], NAMES[2], NAMES[3], NAMES[4]]),
        0,
    );
    refused(&named([NAMES[0], NAMES[0], NAMES[2], NAMES[3], NAMES[4]]), 0);
    refused(&named([NAMES[1], NAMES[0], NAMES[2], NAMES[3], NAMES[4]]), 0);
    refused(&[files.clone(), vec![("extra", b"x".as_slice())]].concat(), 0);
    refused(&[files.clone(), vec![files[4]]].concat(), 0);
    refused(&files[..4], 0);
    refused(&[], 0);
}

#[test]
fn numbers_that_can_not_be_are_refused() {
    let with = |name: &str, value: Value| {
        let mut forger = Forger::new();
        forger.manifest[name] = value;
        forger.complaint()
    };
    for records in [0, 5, 7, MAX_RECORDS + 1, u64::MAX] {
        assert!(with("records", json!(records)).contains("damaged"));
    }
    for objects in [0, 2, 4, u64::MAX] {
        assert!(with("objects", json!(objects)).contains("damaged"));
    }
    assert!(with("records", json!(-1)).contains("can't be understood"));
    assert!(with("files", json!([])).contains("names other files"));
    assert!(with("version", json!(3)).contains("newer version, in format 3"));
    for version in [0, 2] {
        assert!(with("version", json!(version)).contains("not those of its version"));
    }
    assert!(with("format", json!("other")).contains("none of evidence"));
    assert!(with("secret", json!("x")).contains("unknown field"));
    let mut deep = Forger::new();
    let text = deep.manifest.to_string();
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    deep.manifest_text = Some(text.replace("{\"complete\":true}", &nested));
    assert!(deep.complaint().contains("recursion limit"));
}

#[test]
fn findings_and_settings_that_can_not_be_are_refused() {
    let with = |finding: Value, setting: &SettingNote| {
        let mut writer = filled();
        writer.about(&finding, Some(setting)).expect("room");
        let notes = notes(&writer.objects());
        writer.finish(facts(), &notes).pieces.concat()
    };
    let setting = SettingNote::new("photos".to_owned(), "acl".to_owned(), "<a/>".to_owned(), false);
    open(&with(json!({}), &setting)).expect("a bundle");
    assert!(complaint(&with(json!("text"), &setting)).contains("no finding"));
    let document = "<b/>".to_owned();
    let other = SettingNote { document, ..setting };
    assert!(complaint(&with(json!({}), &other)).contains("a setting differs from its digest"));
    let mut writer = filled();
    let long = json!({"title": "x".repeat(5 << 20)});
    assert_eq!(writer.about(&long, None), Err(Full::Finding));
}

#[test]
fn a_huge_manifest_is_refused_before_it_is_read() {
    let mut forger = Forger::new();
    forger.manifest["coverage"] = json!("x".repeat(2 << 20));
    assert!(forger.complaint().contains("more than any has"));
}

#[test]
fn a_size_that_is_claimed_takes_no_memory() {
    let mut whole = Forger::new().bytes();
    whole[18..26].fill(0xff);
    assert!(complaint(&whole).contains("it ends in `objects.jsonl`"));
}

#[test]
fn records_that_do_not_fit_are_refused() {
    let edited = |edit: &dyn Fn(&mut Forger)| {
        let mut forger = Forger::new();
        edit(&mut forger);
        forger.complaint()
    };
    let said = edited(&|forger| forger.records = forger.records.replacen("access/a", "access/z", 1));
    assert!(said.contains("not listed"), "{said}");
    let said = edited(&|forger| forger.records = forger.records.replacen("\"at\":0", "\"at\":1", 1));
    assert!(said.contains("not where it says"), "{said}");
    let said = edited(&|forger| forger.records = forger.records.replacen("\"offset\":11", "\"offset\":3", 1));
    assert!(said.contains("overlap"), "{said}");
    let said = edited(&|forger| {
        forger.records = forger
            .records
            .replacen("\"offset\":11", &format!("\"offset\":{}", u64::MAX), 1);
    });
    assert!(said.contains("overlap"), "{said}");
    let said = edited(&|forger| {
        forger.records = forger
            .records
            .replacen("\"length\":10", &format!("\"length\":{}", u64::MAX), 1);
    });
    assert!(said.contains("not where it says"), "{said}");
    let said = edited(&|forger| forger.lines[0] = b'F');
    assert!(said.contains("a line differs from its digest"), "{said}");
    let said = edited(&|forger| forger.lines.extend(b"more\n"));
    assert!(said.contains("not as many"), "{said}");
    let said =
        edited(&|forger| forger.objects = forger.objects.replacen("\"records\":3", "\"records\":4", 1));
    assert!(said.contains("another number of records"), "{said}");
    let said = edited(&|forger| forger.objects = forger.objects.replace("access/b.gz", "access/a"));
    assert!(said.contains("not in order"), "{said}");
    let said = edited(&|forger| forger.records += &format!("{}\n", "x".repeat(5 << 20)));
    assert!(said.contains("too long"), "{said}");
    let said = edited(&|forger| forger.records = forger.records.trim_end().to_owned());
    assert!(said.contains("has no end"), "{said}");
}

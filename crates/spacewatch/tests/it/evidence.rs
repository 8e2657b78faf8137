//! Evidence at the command line: saved, checked at the store and against files, and altered.

use std::fs;

use spacewatch_demo::{DemoStore, RunningStore};

use crate::sandbox::{Ran, Sandbox};

fn line(minute: u32, who: &str) -> String {
    format!(
        "owner photos [10/Feb/2026:00:{minute:02}:00 +0000] 192.0.2.7 {who} REQ{minute:04} REST.GET.OBJECT x \"GET /photos/x HTTP/1.1\" 200 - 5 5 \
         2 1 \"-\" \"agent\" - host SigV4 CIPHER AuthHeader photos.example TLSv1.2 - -\n"
    )
}

async fn store() -> RunningStore {
    let store = DemoStore::empty()
        .with_object("logs", "access/a", line(1, "mallory").as_str())
        .with_object(
            "logs",
            "access/b",
            (line(2, "mallory") + &line(3, "alice")).as_str(),
        );
    store.start(([127, 0, 0, 1], 0).into()).await.unwrap()
}

fn sandbox(store: &RunningStore) -> Sandbox {
    Sandbox::new()
        .with_variable("SPACES_ENDPOINT", &store.endpoint())
        .with_variable("SPACES_KEY", "test-key")
        .with_variable("SPACES_SECRET", "test-secret")
        .with_variable("ACCESS_LOGS_BUCKET", "logs")
        .with_variable("ACCESS_LOGS_ROOT_PREFIX", "access/")
        .with_variable("DATA_DIR", "data")
}

fn said(ran: &Ran, code: i32, words: &[&str]) {
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.code, Some(code), "{all}");
    for word in words {
        assert!(all.contains(word), "{word:?} in {all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_saved_and_checked() {
    let store = store().await;
    let sandbox = sandbox(&store);
    let save = [
        "evidence",
        "save",
        "leaked-key",
        "mallory",
        "--since",
        "2026-02-10",
        "-o",
        "case.zip",
    ];
    said(
        &sandbox.run(&save),
        0,
        &["2 records from 2 log objects in `case.zip`", "fingerprint "],
    );
    said(
        &sandbox.run(&save),
        2,
        &["is there already", "never written over"],
    );
    said(
        &sandbox.run(&["evidence", "verify", "case.zip"]),
        0,
        &["2 intact, 0 altered"],
    );

    // Against a copy, with nothing configured at all.
    let bare = Sandbox::new();
    let case = bare.path().join("case.zip");
    fs::copy(sandbox.path().join("case.zip"), &case).unwrap();
    fs::create_dir_all(bare.path().join("copy/access")).unwrap();
    fs::write(bare.path().join("copy/access/a"), line(1, "mallory")).unwrap();
    let local = ["evidence", "verify", "case.zip", "--local", "copy"];
    said(
        &bare.run(&local),
        1,
        &["1 intact, 0 altered, 1 missing", "missing        1  access/b"],
    );
    fs::write(
        bare.path().join("copy/access/b"),
        line(2, "mallory") + &line(3, "malice"),
    )
    .unwrap();
    said(
        &bare.run(&local),
        1,
        &["1 intact, 1 altered, 0 missing", "its SHA-256 is"],
    );
    fs::write(
        bare.path().join("copy/access/b"),
        line(2, "mallory") + &line(3, "alice"),
    )
    .unwrap();
    said(&bare.run(&local), 0, &["2 intact, 0 altered, 0 missing"]);

    store.handle().delete("logs", "access/a");
    let json = sandbox.run(&["evidence", "verify", "case.zip", "--json"]);
    said(
        &json,
        1,
        &["\"verified\": false", "\"missing\": 1", "\"exit_code\":1"],
    );

    let mut bytes = fs::read(&case).unwrap();
    bytes[100] ^= 1;
    fs::write(&case, bytes).unwrap();
    said(&bare.run(&local), 1, &["the bundle is damaged"]);
    said(
        &bare.run(&["evidence", "verify", "none.zip"]),
        2,
        &["can't read `none.zip`"],
    );
}

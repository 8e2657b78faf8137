//! What reaches the log.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use expect_test::{Expect, expect};
use spacewatch_telemetry::{Config, Operation, OperationType, log_operation};

use crate::Bench;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn check(change: impl FnOnce(&mut Operation), expected: Expect) {
    let mut operation = Bench::new(Config::default()).operation(OperationType::ListObjects);
    change(&mut operation);
    let written = Written::default();
    let for_writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .without_time()
        .with_writer(move || for_writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        log_operation(&operation, Duration::from_secs(5));
    });
    expected.assert_eq(&String::from_utf8(written.0.lock().unwrap().clone()).unwrap());
}

#[test]
fn events_carry_the_figures_as_fields() {
    check(
        |o| {
            o.bucket = "my-bucket".parse().ok();
            o.request_id = Some("req-1".into());
            o.bytes_out = 2048;
        },
        expect![[r#"
            {"level":"INFO","fields":{"message":"STORAGE_OP: LIST_OBJECTS | GET /tools/list-all | status=200 | duration=10.00ms | bytes=2048 | bucket=my-bucket","operation_type":"LIST_OBJECTS","method":"GET","endpoint":"/tools/list-all","status":200,"duration_ms":10.0,"bytes":2048,"bucket":"my-bucket","request_id":"req-1"},"target":"spacewatch::operation"}
        "#]],
    );
    check(
        |o| {
            o.status = 404;
            o.duration = Duration::from_millis(6000);
            o.error = Some("Bucket\nnot found".to_owned());
        },
        expect![[r#"
            {"level":"ERROR","fields":{"message":"STORAGE_OP_ERROR: LIST_OBJECTS | GET /tools/list-all | duration=6000.00ms | error=Bucket\\nnot found","operation_type":"LIST_OBJECTS","method":"GET","endpoint":"/tools/list-all","status":404,"duration_ms":6000.0,"bytes":0,"error":"Bucket\\nnot found"},"target":"spacewatch::operation"}
            {"level":"WARN","fields":{"message":"SLOW_OPERATION: LIST_OBJECTS - 6000.00ms - status=404","operation_type":"LIST_OBJECTS","method":"GET","endpoint":"/tools/list-all","status":404,"duration_ms":6000.0,"bytes":0,"error":"Bucket\\nnot found"},"target":"spacewatch::operation"}
        "#]],
    );
    check(|o| o.kind = OperationType::PageLoad.into(), expect![[""]]);
}

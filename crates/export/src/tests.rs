use arrow_array::Array;
use expect_test::{Expect, expect};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::Serialize;
use serde_json::{Value, json};

use super::*;

fn check(answer: &Value, list: Option<&str>, expected: Expect) {
    let told = csv(answer, list).map_or_else(
        |error| error.to_string(),
        |bytes| String::from_utf8(bytes.to_vec()).unwrap().replace("\r\n", "\n"),
    );
    expected.assert_eq(&told);
}

#[test]
fn rows_become_csv() {
    let answer = json!({
        "count": 2, "empty": [], "names": ["a"],
        "rows": [{"key": "a,\"b\"", "size": 1, "at": {"x": 1.5}}, {"key": "=SUM(A1)", "more": [1, {"y": null}], "size": null}],
        "zebras": [{"stripes": true}],
    });
    check(
        &answer,
        None,
        expect![[r#"
            at.x,key,size,more
            1.5,"a,""b""",1,
            ,'=SUM(A1),,"[1,{""y"":null}]"
        "#]],
    );
    check(
        &answer,
        Some("zebras"),
        expect![[r#"
        stripes
        true
    "#]],
    );
    check(
        &answer,
        Some("lions"),
        expect!["the answer has no list `lions`, only empty, rows, zebras"],
    );
    check(
        &json!({"count": 1}),
        None,
        expect!["the answer has no list of rows"],
    );
    check(&json!([1]), None, expect!["the answer has no list of rows"]);
}

#[test]
fn columns_stand_as_rows_tell_them() {
    #[derive(Serialize)]
    struct Row {
        zebra: u8,
        ant: u8,
    }
    #[derive(Serialize)]
    struct Answer {
        rows: Vec<Row>,
    }
    let answer = Answer {
        rows: vec![Row { zebra: 1, ant: 2 }],
    };
    assert_eq!(csv(&answer, None).unwrap(), "zebra,ant\r\n1,2\r\n");
}

#[test]
fn what_looks_like_a_formula_is_text() {
    for text in ["=1", "+1", "-1", "@x", "\tx", "\rx", "\n=1"] {
        let told = csv(&json!({"rows": [{"key": text}]}), None).unwrap();
        let told = String::from_utf8(told.to_vec()).unwrap();
        let cell = told.split_once("\r\n").unwrap().1.trim_start_matches('"');
        assert!(cell.starts_with('\''), "{told:?}");
    }
    // Numbers stay numbers.
    assert_eq!(csv(&json!({"rows": [{"n": -1}]}), None).unwrap(), "n\r\n-1\r\n");
}

#[test]
fn rows_become_parquet() {
    let answer = json!({"rows": [{"key": "a", "n": 1, "f": 1, "b": true, "m": 1}, {"key": "b", "n": u64::MAX, "f": 0.5, "m": "x"}, {"n": null}]});
    let file = parquet(&answer, None).unwrap();
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap();
    let batch = reader.next().unwrap().unwrap();
    let kinds: Vec<_> = batch
        .schema()
        .fields()
        .iter()
        .map(|field| format!("{} {}", field.name(), field.data_type()))
        .collect();
    assert_eq!(kinds, ["b Boolean", "f Float64", "key Utf8", "m Utf8", "n Int64"]);
    assert_eq!(batch.num_rows(), 3);
    assert!(batch.column(2).is_null(2));
}

#[test]
fn rows_without_names_get_those_of_the_columns() {
    let answer = json!({"columns": [{"name": "n", "type": "Int64"}, {"name": "who"}], "rows": [[1, "a"], [null, "b"]]});
    check(
        &answer,
        None,
        expect![[r#"
        n,who
        1,a
        ,b
    "#]],
    );
    let written = answer.to_string();
    assert_eq!(
        csv_of_json(written.as_bytes(), None).unwrap(),
        csv(&answer, None).unwrap()
    );
    assert!(parquet_of_json(b"{", None).is_err());
}

//! What a snapshot holds, walk by walk.

use super::*;

#[test]
fn what_is_new_changed_or_the_same_is_told() {
    let mut merge = Merge::first(Snapshot::default(), |_: &[u8], _: &[u8]| true);
    assert_eq!(["a", "c", "b", "c"].map(|key| merge.see(key, b"1")), {
        [Sight::New, Sight::New, Sight::OutOfOrder, Sight::Twice]
    });
    let mut merge = Merge::first(merge.finish(), |_: &[u8], _: &[u8]| true);
    assert_eq!(["a", "b", "c"].map(|key| merge.see(key, if key == "c" { b"2" } else { b"1" })), {
        [Sight::Same, Sight::New, Sight::Changed]
    });
    assert_eq!(merge.finish().get("c"), Some(b"2".to_vec()));
}

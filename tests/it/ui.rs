//! What the derive refuses, in the compiler's words, and what it accepts, run.

#[test]
fn each_mistake_is_refused_at_its_place_and_each_twin_runs() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/fail/*.rs");
    cases.pass("ui/pass/*.rs");
}

//! With few features, a declaration that needs another one does not compile, and the compiler names it.

#[test]
fn a_declaration_that_needs_a_feature_is_refused_with_its_name() {
    trybuild::TestCases::new().compile_fail("ui/features.rs");
}

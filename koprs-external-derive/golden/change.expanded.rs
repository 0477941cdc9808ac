#[automatically_derived]
#[allow(unused_qualifications)]
impl ::koprs_external::private::WatcherEvents for Change {
    const NAME: &'static str = "Change";
    fn variants() -> ::std::vec::Vec<::koprs_external::private::Variant<Self>> {
        #[allow(unused_imports)]
        use ::koprs_external::private::NotComparing as _;
        <[_]>::into_vec(
            ::std::boxed::Box::new([
                ::koprs_external::private::Variant::from(
                    ::koprs_external::private::follow::<
                        ExternalEvent<Flags>,
                        Self,
                    >("flags", "Flags", Self::Flags)
                        .comparing(),
                ),
                ::koprs_external::private::Variant::from(
                    ::koprs_external::private::follow::<
                        ExternalEvent<Tenant>,
                        Self,
                    >("tenants", "Tenant", Self::Tenant)
                        .comparing(),
                ),
                ::koprs_external::private::Variant::from(
                    ::koprs_external::private::follow::<
                        ExternalEvent<Object<Model>>,
                        Self,
                    >("models", "Models", Self::Models)
                        .comparing(),
                ),
            ]),
        )
    }
}

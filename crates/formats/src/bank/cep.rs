//! *Comprobante Electrónico de Pago* of SPEI transfers.

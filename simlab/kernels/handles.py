"""How compiled kernels hand arrays and records to one another: by addresses.

An array is seven machine words or more, the oracle sixty, and a step of a method passes them on four or five
times. Where one kernel calls another through a pointer, arguments are therefore made smaller, and restored on
the other side (:func:`widen`):

- an array travels as :class:`Slim`: address and shape;
- a record (a named tuple such as the oracle) travels as a :class:`Handle`: its address.

Both happen by themselves where a compiled signature asks for it, so kernels are written as if they passed the
arrays and the records themselves. Fields can be read from a handle directly.

This module imports numba: it is imported when the first kernel is compiled, never before.
"""

from typing import Any

from numba.core import cgutils, types
from numba.core.imputils import impl_ret_borrowed, lower_cast, lower_getattr_generic
from numba.core.typeconv.castgraph import Conversion
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import intrinsic, models, register_model
from numba.np.arrayobj import make_array, populate_array

# The numba type of each record, by the class of the named tuple.
RECORDS: dict[type, Any] = {}


class Handle(types.Type):
    """The address of a named tuple of the class ``record``."""

    def __init__(self, record: type) -> None:
        self.record = record
        super().__init__(name=f"Handle({record.__module__}.{record.__qualname__})")

    def can_convert_from(self, typingctx: Any, other: Any) -> Any:
        """Whether the named tuple ``other`` can be stored as this record."""
        named: Any = other if isinstance(other, types.BaseNamedTuple) else None
        if named is None or named.instance_class is not self.record:
            return None
        pairs = zip(named.types, RECORDS[self.record].types, strict=True)
        fits = all(have == want or typingctx.can_convert(have, want) is not None for have, want in pairs)
        return Conversion.safe if fits else None


class Slim(types.Type):
    """Address and shape of a C-contiguous array of the type ``array``."""

    def __init__(self, array: Any) -> None:
        self.array = array
        super().__init__(name=f"Slim({array})")

    def can_convert_from(self, typingctx: Any, other: Any) -> Any:
        """Whether the array ``other`` can be passed as this one."""
        fits = other == self.array or typingctx.can_convert(other, self.array) is not None
        return Conversion.safe if fits else None


@register_model(Handle)
class _HandleModel(models.OpaqueModel):
    """A pointer."""


@register_model(Slim)
class _SlimModel(models.StructModel):
    def __init__(self, manager: Any, slim: Any) -> None:
        members = [
            ("data", types.CPointer(slim.array.dtype)),
            ("shape", types.UniTuple(types.intp, slim.array.ndim)),
        ]
        super().__init__(manager, slim, members)


@infer_getattr
class _HandleAttributes(AttributeTemplate):
    key = Handle

    def generic_resolve(self, handle: Any, name: str) -> Any:  # type: ignore[override]
        record = RECORDS[handle.record]
        return record.types[record.fields.index(name)] if name in record.fields else None


def _address(context: Any, builder: Any, handle: Any, value: Any) -> Any:
    return builder.bitcast(value, context.get_value_type(RECORDS[handle.record]).as_pointer())


@lower_getattr_generic(Handle)  # type: ignore[untyped-decorator]
def _read_field(context: Any, builder: Any, handle: Any, value: Any, name: str) -> Any:
    record = RECORDS[handle.record]
    i = record.fields.index(name)
    field = builder.load(cgutils.gep_inbounds(builder, _address(context, builder, handle, value), 0, i))
    if isinstance(record.types[i], types.FunctionType):
        # Every kernel in a record is compiled: spare the callers the code for one that is not.
        function = cgutils.create_struct_proxy(record.types[i])(context, builder, field)
        builder.assume(cgutils.is_not_null(builder, function.jit_addr))
    return impl_ret_borrowed(context, builder, record.types[i], field)


@lower_cast(types.BaseNamedTuple, Handle)  # type: ignore[untyped-decorator]
def _store(context: Any, builder: Any, have: Any, handle: Any, value: Any) -> Any:
    """The record lies in the frame of the calling function."""
    record = RECORDS[handle.record]
    slot = cgutils.alloca_once(builder, context.get_value_type(record))
    for i, (given, wanted) in enumerate(zip(have.types, record.types, strict=True)):
        field = context.cast(builder, builder.extract_value(value, i), given, wanted)
        builder.store(field, cgutils.gep_inbounds(builder, slot, 0, i))
    return builder.bitcast(slot, context.get_value_type(handle))


@lower_cast(types.Array, Slim)  # type: ignore[untyped-decorator]
def _narrow(context: Any, builder: Any, have: Any, slim: Any, value: Any) -> Any:
    array, out = (
        make_array(have)(context, builder, value),
        cgutils.create_struct_proxy(slim)(context, builder),
    )
    out.data, out.shape = array.data, array.shape
    return out._getvalue()


def _restored(context: Any, builder: Any, slim: Any, value: Any) -> Any:
    given, array = (
        cgutils.create_struct_proxy(slim)(context, builder, value),
        make_array(slim.array)(context, builder),
    )
    shape = cgutils.unpack_tuple(builder, given.shape, slim.array.ndim)
    step = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(slim.array.dtype)))
    strides = [step]
    for extent in reversed(shape[1:]):
        strides.insert(0, builder.mul(extent, strides[0]))
    populate_array(array, given.data, shape, strides, step, meminfo=None)
    return array._getvalue()


@intrinsic
def widen(typingctx: Any, argument: Any) -> Any:
    """The array or the record itself of a slim array or of a handle; any other argument unchanged.

    Records that hold functions stay handles: kernels read them a field at a time.
    """
    wide = argument
    if isinstance(argument, Slim):
        wide = argument.array
    elif isinstance(argument, Handle):
        record = RECORDS[argument.record]
        if not any(isinstance(field, (types.FunctionType, Handle)) for field in record.types):
            wide = record

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if wide == argument:
            return arguments[0]
        if isinstance(argument, Slim):
            return _restored(context, builder, argument, arguments[0])
        record = builder.load(_address(context, builder, argument, arguments[0]))
        return impl_ret_borrowed(context, builder, wide, record)

    return wide(argument), generate


@intrinsic
def by_handle(typingctx: Any, record: Any) -> Any:
    """The handle of a named tuple: valid until the calling function returns, as long as the arrays in it exist."""
    handle = record if isinstance(record, Handle) else Handle(record.instance_class)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.cast(builder, arguments[0], record, handle)

    return handle(record), generate

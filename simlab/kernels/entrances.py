"""Where a driver enters the kernels that it is given: their addresses, as functions of the roles that they play.

This module imports numba: it is imported when the first kernel is compiled, never before.
"""

from collections import namedtuple
from typing import Any

from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from simlab.kernels.oracle import signatures


@intrinsic(prefer_literal=True)
def entrances(typingctx: Any, addresses: Any, roles: Any) -> Any:
    """The functions at these addresses, one for each role in the literal text ``roles``."""
    names = roles.literal_value.split()
    kinds = [types.FunctionType(signatures()[role]) for role in names]
    # Named, since numba warns of plain tuples of functions that they are an experiment.
    functions = types.NamedTuple(kinds, namedtuple("Entrances", names))

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, fields = make_array(addresses)(context, builder, arguments[0]), []
        for i, kind in enumerate(kinds):
            address = builder.load(cgutils.gep(builder, array.data, i))
            function = cgutils.create_struct_proxy(kind)(context, builder)
            function.jit_addr = builder.inttoptr(address, context.get_value_type(types.voidptr))
            builder.assume(cgutils.is_not_null(builder, function.jit_addr))
            fields.append(function._getvalue())
        return context.make_tuple(builder, functions, fields)

    return functions(addresses, roles), generate

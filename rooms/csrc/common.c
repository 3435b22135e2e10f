/* What every type of the module does. */
#include "common.h"

void plain_dealloc(PyObject *object) {
  PyTypeObject *type = Py_TYPE(object);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

int add_type(PyObject *module, PyType_Spec *spec, PyTypeObject **kept) {
  PyObject *type = PyType_FromSpec(spec);
  int done = type ? PyModule_AddObjectRef(module, strrchr(spec->name, '.') + 1, type) : -1;
  if (kept)
    *kept = (PyTypeObject *)type; /* for good: the module is made once */
  else
    Py_XDECREF(type);
  return done;
}

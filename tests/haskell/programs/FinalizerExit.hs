-- Finalizers in C that are still due run at exit; those in Haskell are not promised. Catches
-- an exit that skips hs_exit.
module Main (main) where

import Foreign
import Foreign.C

foreign import ccall "&exit_finalizer" exitFinalizer :: FinalizerPtr CInt

main :: IO ()
main = do
  fp <- mallocForeignPtr
  withForeignPtr fp (\p -> poke p 5)
  fq <- malloc >>= newForeignPtr exitFinalizer
  withForeignPtr fq (\p -> poke p 6)
  addForeignPtrFinalizer exitFinalizer fp
  putStrLn "main ends"
  touchForeignPtr fp
  touchForeignPtr fq

-- Finalizers of ForeignPtrs run after performGC once, in the order that base promises, and at
-- finalizeForeignPtr at once. Catches finalizers that run early, twice or never.
module Main (main) where

import Control.Concurrent
import Control.Monad
import Foreign
import qualified Foreign.Concurrent as FC
import System.Mem

main :: IO ()
main = do
  out <- newEmptyMVar
  p <- malloc :: IO (Ptr Int)
  fp <- FC.newForeignPtr p (putMVar out "collected")
  withForeignPtr fp (\q -> poke q 42 >> peek q >>= print)
  performGC
  early <- tryTakeMVar out
  print early
  touchForeignPtr fp
  performMajorGC
  takeMVar out >>= putStrLn
  free p

  log' <- newMVar []
  fp2 <- mallocForeignPtr :: IO (ForeignPtr Int)
  forM_ [1 .. 3 :: Int] $ \n -> FC.addForeignPtrFinalizer fp2 (modifyMVar_ log' (return . (n :)))
  finalizeForeignPtr fp2
  finalizeForeignPtr fp2
  readMVar log' >>= print . reverse

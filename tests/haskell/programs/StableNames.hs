-- The stable name of an object stays equal across collections, and differs from another
-- object's. Catches a table that the collector does not update.
module Main (main) where

import Data.IORef
import System.Mem
import System.Mem.StableName

main :: IO ()
main = do
  a <- newIORef 'a'
  b <- newIORef 'b'
  na <- makeStableName a
  nb <- makeStableName b
  let h = hashStableName na
  performGC
  performMajorGC
  na' <- makeStableName a
  print (na == na', na `eqStableName` nb, h == hashStableName na')
  readIORef a >>= print
  readIORef b >>= print
